import { describe, expect, test } from 'bun:test'
import { Forecast, type ForecastOptions } from '../../src/dispatch/forecast.ts'
import type { Load } from '../../src/dispatch/throughput.ts'

function forecastOf(rest: Partial<ForecastOptions> = {}) {
  const loads: Load[] = []
  const forecast = new Forecast({
    queue: { ahead: () => ({ own: 0, all: 0 }), cost: 1_000, size: 10 },
    limit: { size: 4 },
    rate: { waitMs: (after = 0) => after * 100 },
    throughput: {
      waitMs(load) {
        loads.push(load)
        return load.characters
      },
    },
    now: () => 0,
    ...rest,
  })
  return { forecast, loads }
}

describe('Forecast', () => {
  test('reckons with the characters that go before, and with the places', () => {
    const { forecast, loads } = forecastOf({ rate: { waitMs: () => 0 } })
    expect(forecast.waitMs(500, 3)).toBe(500)
    expect(loads).toEqual([{ characters: 500, running: 3, size: 4 }])
  })

  test('reckons with the calls that go before where those are held to a rate', () => {
    expect(forecastOf().forecast.waitMs(500, 3)).toBe(500)
    expect(forecastOf({ rate: { waitMs: (after = 0) => after * 1_000 } }).forecast.waitMs(500, 3)).toBe(5_000)
  })

  test('counts whole calls where a host takes many clauses in one', () => {
    const { forecast, loads } = forecastOf({ batch: { max: 4 }, rate: { waitMs: () => 0 } })
    forecast.waitMs(900, 1)
    expect(loads).toEqual([{ characters: 150, running: 1, size: 4 }])
  })

  test('knows the host’s usual first audio, the newest counting a fifth', () => {
    const { forecast } = forecastOf()
    expect(forecast.firstAudioMs).toBe(0)
    forecast.firstAudio(100)
    expect(forecast.firstAudioMs).toBe(100)
    forecast.firstAudio(200)
    expect(forecast.firstAudioMs).toBe(120)
  })
})
