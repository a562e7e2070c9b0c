import type { Bytes } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'

/** What a reply calls its audio: a content type without parameters, such as `audio/pcm`; empty when it says nothing. */
export type Claim = string

const RAW = /^audio\/(x-)?(pcm|l16|raw|s16le)$/
const WAV = /^audio\/(x-|vnd\.)?(wav|wave|pcm-wav)$/
const UNSAID = /^$|^(application|binary)\/octet-stream$/

/** What cannot be mistaken for samples: the odds are one in millions. */
const HEADS: readonly (readonly [head: RegExp, name: string])[] = [
  [/^OggS/, 'Ogg (Opus or Vorbis)'],
  [/^fLaC/, 'FLAC'],
  [/^ID3[\x02-\x04]/, 'MP3'],
  [/^.{4}ftyp/s, 'MP4 (AAC)'],
  [/^\x1aE\xdf\xa3/, 'WebM'],
  [/^(<!doctype|<html|<\?xml)/i, 'a page'],
  [/^\{\s*"(error|detail|message|code)"/, 'JSON'],
]

/**
 * These could be samples, so only what does not say that it is samples is taken for them. MP3 is layer III: the others'
 * marks are samples of quiet, -1 above all.
 */
const SYNC: readonly (readonly [head: RegExp, name: string])[] = [
  [/^\xff[\xe2\xe3\xf2\xf3\xfa\xfb]/, 'MP3'],
  [/^\xff[\xf0\xf1\xf8\xf9]/, 'AAC'],
]

/** How many bytes `sniff` wants to see. */
export const SNIFFED = 12

/**
 * Tells by its first bytes whether a reply is a WAV or raw samples, whatever it calls itself. Throws what it is when it
 * is neither, and which format to ask for.
 */
export function sniff(head: Bytes, claim: Claim): 'wav' | 'raw' {
  const text = String.fromCharCode(...head.subarray(0, SNIFFED))
  if (/^(RIFF|RF64)/.test(text)) return 'wav'
  const known = HEADS.find(([pattern]) => pattern.test(text))
  if (known) throw wrongFormat(known[1])
  if (RAW.test(claim)) return 'raw'
  if (WAV.test(claim)) throw badReply(`says ${claim} and sends no WAV`, { retryable: false })
  if (!UNSAID.test(claim)) throw wrongFormat(claim)
  const synced = SYNC.find(([pattern]) => pattern.test(text))
  if (synced) throw wrongFormat(synced[1])
  return 'raw'
}

const wrongFormat = (what: string) =>
  badReply(`sent ${what}, which is not read: make it answer with wav or pcm`, { retryable: false })
