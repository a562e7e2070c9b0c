import type { MessageInitShape } from '@bufbuild/protobuf'
import { createClient, type Transport } from '@connectrpc/connect'
import type { Bytes } from '../../speech.ts'
import type { CosyvoiceCall } from '../cosyvoice/habits.ts'
import type { CosyvoiceDialect } from '../cosyvoice-grpc-config.ts'
import { CosyVoice as Fork, type RequestSchema as ForkRequest } from './async-cosyvoice-pb.ts'
import { CosyVoice as Upstream, type RequestSchema as UpstreamRequest } from './upstream-pb.ts'

/** One call, ready to be sent. */
export interface GrpcCall extends CosyvoiceCall {
  /** The recording, encoded for the dialect; empty where none goes with the call. */
  readonly promptAudio: Bytes
  /** The name under which the host itself keeps the voice, for a clone that is sent without its recording. */
  readonly registered?: string | undefined
}

export interface AskOptions {
  readonly signal: AbortSignal
  readonly headers: Readonly<Record<string, string>>
}

/** Sends a call; its messages come as they are pulled, and go on until `signal` aborts. */
export type Ask = (
  call: GrpcCall,
  transport: Transport,
  options: AskOptions,
) => AsyncIterable<{ readonly ttsAudio: Uint8Array }>

/** How to ask in each dialect. */
export const askIn: Readonly<Record<CosyvoiceDialect, Ask>> = {
  upstream: (call, transport, options) =>
    createClient(Upstream, transport).inference(upstreamRequest(call), options),
  'async-cosyvoice': (call, transport, options) =>
    createClient(Fork, transport).inference(forkRequest(call), options),
}

/** Shapes a call as upstream's request. */
export function upstreamRequest(call: GrpcCall): MessageInitShape<typeof UpstreamRequest> {
  const { route, fields, promptAudio } = call
  const { tts_text: ttsText = '', spk_id: spkId = '' } = fields
  const { prompt_text: promptText = '', instruct_text: instructText = '' } = fields
  switch (route) {
    case 'inference_sft':
      return { RequestPayload: { case: 'sftRequest', value: { ttsText, spkId } } }
    case 'inference_zero_shot':
      return { RequestPayload: { case: 'zeroShotRequest', value: { ttsText, promptText, promptAudio } } }
    case 'inference_cross_lingual':
      return { RequestPayload: { case: 'crossLingualRequest', value: { ttsText, promptAudio } } }
    case 'inference_instruct':
      return { RequestPayload: { case: 'instructRequest', value: { ttsText, spkId, instructText } } }
    default:
      throw unknown(route, 'upstream')
  }
}

/** Shapes a call as the fork's request: streamed, as 16-bit samples, at the voice's own pace. */
export function forkRequest(call: GrpcCall): MessageInitShape<typeof ForkRequest> {
  return {
    ttsText: call.fields.tts_text ?? '',
    textFrontend: true,
    stream: true,
    speed: 1, // the default of the message is 0, which it divides by
    format: 'pcm',
    requestType: forkMode(call),
  }
}

type ForkMode = NonNullable<MessageInitShape<typeof ForkRequest>['requestType']>

function forkMode({ route, fields, promptAudio, registered }: GrpcCall): ForkMode {
  const { spk_id: spkId = '', prompt_text: promptText = '' } = fields
  // It adds the mark itself.
  const instructText = (fields.instruct_text ?? '').replace(/<\|endofprompt\|>$/, '')
  switch (route) {
    case 'inference_sft':
      return { case: 'sftRequest', value: { spkId } }
    case 'inference_zero_shot':
      if (registered) return { case: 'zeroShotBySpkIdRequest', value: { spkId: registered } }
      return { case: 'zeroShotRequest', value: { promptText, promptAudio } }
    case 'inference_cross_lingual':
      return { case: 'crossLingualRequest', value: { promptAudio } }
    case 'inference_instruct2':
      if (registered) return { case: 'instruct2BySpkIdRequest', value: { instructText, spkId: registered } }
      return { case: 'instruct2Request', value: { instructText, promptAudio } }
    default:
      throw unknown(route, 'async-cosyvoice')
  }
}

const unknown = (route: string, dialect: CosyvoiceDialect) =>
  new RangeError(`Cannot call host: dialect ${dialect} has no call for ${route}`)
