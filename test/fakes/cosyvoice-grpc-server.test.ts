import { describe, expect, test } from 'bun:test'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import {
  CosyVoice as Fork,
  type RequestSchema as ForkRequest,
} from '../../src/hosts/cosyvoice-grpc/async-cosyvoice-pb.ts'
import {
  CosyVoice as Upstream,
  type RequestSchema as UpstreamRequest,
} from '../../src/hosts/cosyvoice-grpc/upstream-pb.ts'
import { type CosyvoiceGrpcServer, startCosyvoiceGrpcServer } from './cosyvoice-grpc-server.ts'

const transportTo = ({ url }: CosyvoiceGrpcServer) => createGrpcTransport({ baseUrl: url })
const TEXT = 'One sentence of it. Another one of it. And a third one.'

type Messages = AsyncIterable<{ readonly ttsAudio: Uint8Array }>

const ask = (
  server: CosyvoiceGrpcServer,
  request: MessageInitShape<typeof UpstreamRequest>,
  signal?: AbortSignal,
): Messages => createClient(Upstream, transportTo(server)).inference(request, signal ? { signal } : {})

const askFork = (server: CosyvoiceGrpcServer, request: MessageInitShape<typeof ForkRequest>): Messages =>
  createClient(Fork, transportTo(server)).inference(request)

const sft = (ttsText: string, spkId = '英文女'): MessageInitShape<typeof UpstreamRequest> => ({
  RequestPayload: { case: 'sftRequest', value: { ttsText, spkId } },
})

/** The bytes of each message, or the status that came instead. */
async function outcome(messages: Messages): Promise<number[] | string> {
  const lengths: number[] = []
  try {
    for await (const { ttsAudio } of messages) lengths.push(ttsAudio.length)
    return lengths
  } catch (thrown) {
    const { code, rawMessage } = ConnectError.from(thrown)
    return `${Code[code]}: ${rawMessage}`
  }
}

describe('startCosyvoiceGrpcServer()', () => {
  test('sends one message a piece, nothing for an empty text', async () => {
    await using server = await startCosyvoiceGrpcServer({ pieceChars: 1 })
    expect(await outcome(ask(server, sft(TEXT)))).toHaveLength(3)
    expect(await outcome(ask(server, sft('')))).toEqual([])
    expect(server.running).toBe(0)
  })

  test('answers what Python raises with UNKNOWN and its words', async () => {
    await using server = await startCosyvoiceGrpcServer({ strictPrompts: true })
    const promptAudio = Uint8Array.of(1, 2, 3)
    const odd = { case: 'crossLingualRequest' as const, value: { ttsText: 'Hi.', promptAudio } }
    const even = { ...odd, value: { ttsText: 'Hi.', promptAudio: promptAudio.subarray(1) } }
    const told = { case: 'instructRequest' as const, value: { ttsText: 'Hi.', spkId: '英文女' } }
    const heard = [
      await outcome(ask(server, sft('Hi.', 'nobody'))),
      await outcome(ask(server, {})),
      await outcome(ask(server, { RequestPayload: odd })),
      await outcome(ask(server, { RequestPayload: even })),
      await outcome(ask(server, { RequestPayload: told })),
    ]
    expect(heard.every((said) => String(said).startsWith('Unknown: Exception iterating responses: '))).toBe(
      true,
    )
    expect(heard[0]).toEndWith("'nobody'")
    expect(server.running).toBe(0)
  })

  test('refuses one call too many at once, and a request over 4 MiB', async () => {
    await using server = await startCosyvoiceGrpcServer({ maxConc: 2, rtf: 0.05 })
    const three = await Promise.all([1, 2, 3].map(() => outcome(ask(server, sft('Hi there.')))))
    expect(three).toContain('ResourceExhausted: Concurrent RPC limit exceeded!')
    expect(three.filter((said) => typeof said !== 'string')).toHaveLength(2)
    const long = await outcome(ask(server, sft('a'.repeat(4_200_000))))
    expect(long).toStartWith('ResourceExhausted: SERVER: Received message larger than max')
  })

  test('keeps the slot of a cancelled call until its piece is done, and makes no further one', async () => {
    await using server = await startCosyvoiceGrpcServer({ maxConc: 1, rtf: 0.2, pieceChars: 1 })
    const caller = new AbortController()
    const call = outcome(ask(server, sft(TEXT), caller.signal))
    while (server.running === 0) await tick()
    caller.abort()
    await call
    expect(await outcome(ask(server, sft('Hi.')))).toContain('limit exceeded')
    while (server.running > 0) await tick()
    expect(server.calls[0]).toMatchObject({ cancelled: true, pieces: 1 })
    expect(await outcome(ask(server, sft('Hi.')))).toHaveLength(1)
  })

  test('knows no other service', async () => {
    await using server = await startCosyvoiceGrpcServer()
    const { inference } = Upstream.method
    const reflection = {
      ...inference,
      parent: { ...Upstream, typeName: 'grpc.reflection.v1.ServerReflection' },
    }
    const client = createClient(
      { ...Upstream, methods: [reflection] } as typeof Upstream,
      transportTo(server),
    )
    expect(await outcome(client.inference(sft('Hi.')))).toStartWith('Unimplemented')
  })
})

describe('startCosyvoiceGrpcServer() as the fork', () => {
  const fork = () => startCosyvoiceGrpcServer({ dialect: 'async-cosyvoice', voices: ['001'] })
  const spoken = { ttsText: TEXT, format: 'pcm', speed: 1, stream: true }
  const kept = (spkId: string) => ({ case: 'zeroShotBySpkIdRequest' as const, value: { spkId } })

  test('sends short messages while a piece is still being said', async () => {
    await using server = await fork()
    const lengths = await outcome(askFork(server, { ...spoken, requestType: kept('001') }))
    expect(lengths.length).toBeGreaterThan(4)
  })

  test('answers what Python raises with INTERNAL, and a missing voice with no word', async () => {
    await using server = await fork()
    const unkept = await outcome(askFork(server, { ...spoken, requestType: kept('002') }))
    const stopped = await outcome(askFork(server, { ...spoken, speed: 0, requestType: kept('001') }))
    expect(unkept).toBe('Internal: ')
    expect(stopped).toStartWith('Internal: Processing error: speed change only support')
  })

  test('reads upstream’s messages without an error, and understands nothing', async () => {
    await using server = await fork()
    expect(await outcome(ask(server, sft('Hi.')))).toBe('Internal: Processing error: Invalid request type')
  })
})

const tick = () => new Promise((resolve) => setTimeout(resolve, 1))
