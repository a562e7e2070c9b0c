/** The words of this codebase. Types only: every file may import this one, and this one imports nothing. */

export type Bytes = Uint8Array<ArrayBuffer>

/** Signed 16-bit mono samples. Inside sotto audio is samples; bytes are made once, by the encoder. */
export type Samples = Int16Array<ArrayBuffer>

/**
 * Something on its way to one who takes it: what is there is taken without waiting, and only what is not is waited for.
 * No promise holds what it gives: one that has waited for long keeps its value from the collector for as long again.
 */
export interface Supply<T> {
  /** Gives what is next of what is at hand; `undefined` while nothing is. Throws when no more can be had. */
  take(): T | undefined
  /** Whether all has been taken and no more will come; sure once `take` has given nothing. */
  readonly isOver: boolean
  /** Wakes `waiter` once, later, when there may be more to take, it is over, or it has failed. One waits at a time. */
  wait(waiter: Waiter): void
}

/** Who waits for something; woken by a call, since a promise for each piece of each reply is much to clear away. */
export interface Waiter {
  /** Must not throw. */
  wake(): void
}

/**
 * Audio as a host speaks it, piece by piece, with what must be known to play it. The samples may be taken by others too,
 * and nobody may change them. The host is asked for more only while somebody waits.
 */
export interface Pcm extends Supply<Samples> {
  /** Samples a second. */
  readonly rate: number
  /** The part of the clause's speed that the host has applied itself; 1 when none. */
  readonly speed: number
  /** Drops the rest, and settles when the host is free. A wait under way may then end in any way. */
  cancel(reason?: unknown): Promise<void>
}

/** How a text is to be said: all that changes the sound, but for the text. */
export interface Manner {
  /** A voice's id at its host, aliases resolved. */
  readonly voice: string
  /** BCP 47, such as `zh` or `pt-BR`; the host decides when it is absent. */
  readonly language?: string | undefined
  /** 1 is the voice's own pace; 0.25 to 4. */
  readonly speed: number
  /** Free words on tone and style, for hosts that follow them. */
  readonly instructions?: string | undefined
  readonly seed?: number | undefined
}

/** The smallest piece of text that a host is asked to say. */
export interface Clause extends Manner {
  /** Its place in the speech, from 0. */
  readonly index: number
  /** The text as it is shown. */
  readonly text: string
  /** The text as it is said: the lexicon applied, a terminal mark at its end. */
  readonly spoken: string
  /** Silence after it, in milliseconds; exact to a sample. */
  readonly pauseMs: number
}

export type Format = 'pcm' | 'wav' | 'mp3' | 'opus' | 'flac' | 'mulaw' | 'alaw'

/** A word or pattern and how to say it instead. */
export interface LexiconEntry {
  /** Literal text; matched as whole words where its edges are letters or digits of a spaced script. */
  readonly pattern: string
  readonly replacement: string
  /** @default false */
  readonly ignoreCase?: boolean | undefined
  /** Only for requests that name this language, or name none and whose voice may speak it (`en` also covers `en-GB`). */
  readonly language?: string | undefined
  /** Only for this voice. */
  readonly voice?: string | undefined
}

/** A request to speak, already validated. */
export interface Speech extends Manner {
  /** A sortable id, for logs and headers. */
  readonly id: string
  /** Whole, or as it is being written. */
  readonly text: string | ReadableStream<string>
  readonly format: Format
  /** Samples a second of the reply. */
  readonly sampleRate: number
  /** The request's own entries; they go before the configured ones. */
  readonly lexicon: readonly LexiconEntry[]
  /** Whose it is; the default tenant's when absent. */
  readonly tenant?: Tenant | undefined
  /** See {@link Claim}. @default 0 */
  readonly priority?: number | undefined
  /** See {@link Claim}. */
  readonly deadlineAt?: number | undefined
  /** Whether a fallback voice may speak when no host can. @default true */
  readonly degrade?: boolean | undefined
  /** Whether its clauses may share host calls with equal ones of others. @default true */
  readonly share?: boolean | undefined
}

/** Who shares the hosts, and how large a share is theirs. */
export interface Tenant {
  readonly id: string
  /** A tenant of weight 3 gets three times the characters of one of weight 1 while both have work waiting. */
  readonly weight: number
  /** Characters that may wait for it when a speech begins; more are refused. Unlimited but for the queue's own bound when absent. */
  readonly maxQueuedChars?: number | undefined
}

/** Who asks for a clause, how urgently and until when: nothing that changes its sound. */
export interface Claim {
  /** The request's id: a host's failures count once a request. */
  readonly request: string
  readonly tenant: Tenant
  /** 0 is usual, -10 to 10; higher goes first within the tenant. Already no more than the tenant may ask for. */
  readonly priority: number
  /** When first audio is of no more use, in milliseconds of `performance.now()`; never when absent. */
  readonly deadlineAt?: number | undefined
  /** Told what becomes of the clause on its way. */
  readonly tell: (event: CallEvent) => void
}

/** What happens to a clause between the caller and a host; times in milliseconds. */
export type CallEvent =
  /** It waited so long for a place at the host. */
  | { readonly type: 'queued'; readonly host: string; readonly ms: number }
  /** The host took so long to its first audio. */
  | { readonly type: 'first-audio'; readonly host: string; readonly ms: number }
  /** The host is done with it, well or not. */
  | { readonly type: 'said'; readonly host: string; readonly ms: number; readonly audioSeconds: number }
  | { readonly type: 'failed'; readonly host: string; readonly ms: number; readonly error: SpeechFailure }
  /** The caller left while the host was at it. */
  | { readonly type: 'left'; readonly host: string; readonly ms: number }
  /** It is asked for again, or at a second host beside the first. */
  | { readonly type: 'retried'; readonly host: string; readonly error: SpeechFailure }
  | { readonly type: 'hedged'; readonly host: string }
  /** It joined an equal clause that is being said. */
  | { readonly type: 'joined' }
  /** It was refused before it waited: its wait would be too long, or the queue is full. */
  | { readonly type: 'refused'; readonly host: string; readonly error: SpeechFailure }
  /** Its deadline passed while it waited. */
  | { readonly type: 'expired'; readonly host: string }
  /** The fallback voice says it. */
  | { readonly type: 'degraded'; readonly host: string }

/** What is counted of a failure. */
export interface SpeechFailure {
  readonly code: string
  readonly source: string
  /** What a log may say of it. */
  readonly log?: string | undefined
}

/** What is asked of an `AbortSignal`. It need not be one: what hands it on to the platform makes one of its own. */
export interface Signal {
  readonly aborted: boolean
  /** Why; only once it has aborted. */
  readonly reason: unknown
  throwIfAborted(): void
  /** The listener is told once, and must not throw. */
  addEventListener(type: 'abort', listener: SignalListener, options?: { readonly once: true }): void
  removeEventListener(type: 'abort', listener: SignalListener): void
}

export type SignalListener = (() => void) | { handleEvent(): void }

export interface SynthesizeOptions {
  readonly signal: Signal
  /** Nobody in particular, with no deadline, when absent. */
  readonly claim?: Claim | undefined
  /** The place at the host that is held for the call. */
  readonly place?: Holdable | undefined
}

/** What is taken as long as the host is at something. */
export interface Holdable {
  /** Keeps it taken until `work` settles, for which nobody else waits any more. */
  hold(work: Promise<unknown>): void
}

/**
 * Says one clause. Resolves once the first audio is in hand: until then a failure may be retried
 * elsewhere, after that it may not. Settles only when the host is free again: after an abort that a
 * host must sit through, the promise (or `Pcm.cancel()`) waits for it, and so does its slot.
 */
export type Synthesize = (clause: Clause, options: SynthesizeOptions) => Promise<Pcm>

/**
 * Says several clauses of one manner in one call: resolves with as many results in the same order, each whole audio or
 * why there is none; rejects when the call as a whole failed. Settles only when the host is free.
 */
export type SynthesizeBatch = (
  clauses: readonly Clause[],
  options: { readonly signal: Signal },
) => Promise<readonly (Pcm | Error)[]>

/** How a host that takes many texts in one call likes them. */
export interface Batching {
  /** Most clauses in one call. */
  readonly max: number
  /** Sizes that it does best; a call waits to reach the next of them while others run. */
  readonly preferred: readonly number[]
  /** How long a clause may wait for company while the host has a place free but is not idle, in milliseconds. */
  readonly maxDelayMs: number
  readonly synthesize: SynthesizeBatch
}

/** Adds one concern to a {@link Synthesize}. */
export type Guard = (next: Synthesize) => Synthesize

export interface Voice {
  readonly id: string
  /** BCP 47 tags; empty when it speaks whatever it is given. */
  readonly languages: readonly string[]
  /** Of a clone, what its recording says: it speaks badly what is shorter than half of that. */
  readonly transcript?: string | undefined
}

/** A model server, or the voice inside sotto. */
export interface Host extends AsyncDisposable {
  readonly id: string
  readonly kind: string
  /** In order of preference. */
  readonly voices: readonly Voice[]
  /** True for a voice that is listed but also for one that need not be, such as `en-gb+f2`. */
  has(voice: string): boolean
  /** Whether a voice of it follows a clause's `instructions`. @default it does, or what is behind it knows better */
  obeys?(voice: string): boolean
  /** Whether it passes over what it cannot say, so that little audio, or none but silence, is no fault. @default false */
  readonly passesOver?: boolean | undefined
  /** How many calls it may have at once; `auto` finds out by its latency. */
  readonly slots: number | 'auto'
  /** Asked only when no other host has the voice. */
  readonly fallback: boolean
  /** Resolves when it can speak; rejects with the reason why it never will. */
  readonly ready: Promise<void>
  readonly synthesize: Synthesize
  /** For a host that takes many texts in one call; `synthesize` is then a call of one. */
  readonly batch?: Batching | undefined
}

/**
 * A synchronous step of the audio path: takes what there is, gives what it can, never waits. Behind the spool, what it
 * gives is lent until it is called again, and so is what it is given: audio is copied only by those who keep it.
 */
export interface Stage<In, Out> {
  push(chunk: In): Out
  /** Gives what was held back. Called once, last. */
  end(): Out
}

/** Turns one reply's samples into bytes; the header comes with the first of them. */
export interface Encoder extends Stage<Samples, Bytes>, Disposable {
  /** Samples a second that `push` expects. */
  readonly rate: number
  /** About how many bytes a second of audio takes; sizes the ring. */
  readonly bytesPerSecond: number
}
