import { joinSamples } from '../../pcm/join-samples.ts'
import { resample } from '../../pcm/resample.ts'
import type { Samples } from '../../speech.ts'

/** Brings a whole recording to another rate; gives it as it is when that is its own. */
export function resampled(samples: Samples, rates: { readonly from: number; readonly to: number }): Samples {
  const stage = resample(rates)
  return joinSamples(stage.push(samples), stage.end())
}
