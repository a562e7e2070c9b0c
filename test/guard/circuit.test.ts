import { describe, expect, test } from 'bun:test'
import { Circuit, type CircuitOptions } from '../../src/guard/circuit.ts'

function start(options: CircuitOptions = {}) {
  let now = 0
  const circuit = new Circuit({ now: () => now, ...options })
  return {
    circuit,
    fail: (request: string) => circuit.enter().fail(request),
    succeed: () => circuit.enter().succeed(),
    at(ms: number) {
      now = ms
    },
  }
}

/** One that has just opened. */
function opened(options: CircuitOptions = {}) {
  const started = start({ failures: 1, ...options })
  started.fail('x')
  return started
}

describe('Circuit', () => {
  test('opens on the failures of three different requests in a row', () => {
    const { circuit, fail } = start()
    expect([fail('a'), fail('b'), fail('b')]).toEqual([false, false, false])
    expect(circuit.state).toBe('closed')
    expect(fail('c')).toBe(true)
    expect(circuit).toMatchObject({ state: 'open', waitMs: 30_000 })
    expect(circuit.allows()).toBe(false)
  })

  test('begins to count again after a success', () => {
    const { circuit, fail, succeed } = start()
    for (const request of ['a', 'b', 'ok', 'c', 'd']) request === 'ok' ? succeed() : fail(request)
    expect(circuit.state).toBe('closed')
    expect(fail('e')).toBe(true)
  })

  test('counts a failure once that has a mark in common with one that was counted, and no other', () => {
    const circuit = new Circuit()
    const fail = (...marks: string[]) => circuit.enter().fail(...marks)
    for (let i = 0; i < 30; i++) fail(`request ${i}`, 'bad text')
    expect(circuit.state).toBe('closed')
    fail('request 5', 'another text') // the bad one was what was counted of that request
    expect(circuit.state).toBe('closed')
    fail('request 40', 'a third text')
    expect(circuit.state).toBe('open')
  })

  test('never opens for one request, however often it fails', () => {
    const { circuit, fail } = start()
    for (let i = 0; i < 100; i++) fail('a')
    expect(circuit.state).toBe('closed')
  })

  test('opens when half of twenty calls in ten seconds have failed', () => {
    const { circuit, fail, succeed, at } = start({ failures: 100 })
    for (let i = 0; i < 10; i++) succeed()
    at(5_000)
    for (let i = 0; i < 9; i++) expect(fail(`r${i}`)).toBe(false)
    at(7_000)
    expect(fail('r8')).toBe(false) // counted already
    expect(fail('r9')).toBe(true)
    expect(circuit.state).toBe('open')
  })

  test('does not open by the share of few calls, of fewer failures or of what was long ago', () => {
    const few = start({ failures: 100 })
    for (let i = 0; i < 19; i++) expect(few.fail(`r${i}`)).toBe(false)
    const good = start({ failures: 100 })
    for (let i = 0; i < 20; i++) good.succeed()
    for (let i = 0; i < 19; i++) expect(good.fail(`r${i}`)).toBe(false)
    const old = start({ failures: 100 })
    for (let i = 0; i < 10; i++) old.fail(`r${i}`)
    old.at(11_000)
    for (let i = 0; i < 10; i++) old.succeed()
    for (let i = 0; i < 9; i++) expect(old.fail(`s${i}`)).toBe(false)
  })

  test('lets one probe through when its time is over, and no other meanwhile', () => {
    const { circuit, at } = opened()
    at(29_999)
    expect(circuit).toMatchObject({ state: 'open', waitMs: 1 })
    expect(circuit.allows()).toBe(false)
    at(30_000)
    expect(circuit).toMatchObject({ state: 'half-open', waitMs: 0 })
    expect(circuit.allows()).toBe(true)
    const probe = circuit.enter()
    expect(circuit.state).toBe('half-open')
    expect(circuit.allows()).toBe(false)
    probe.leave()
    expect(circuit.allows()).toBe(true)
  })

  test('lets all calls of the request through that is its probe', () => {
    const { circuit, at } = opened()
    at(30_000)
    const calls = [circuit.enter('a')]
    expect([circuit.allows('a'), circuit.allows('b'), circuit.allows()]).toEqual([true, false, false])
    calls.push(circuit.enter('a'))
    calls[0]!.leave()
    expect([circuit.allows('a'), circuit.allows('b')]).toEqual([true, false])
    calls[1]!.leave()
    expect(circuit.allows('b')).toBe(true)
  })

  test('is decided by the first call of its probe that ends', () => {
    const good = opened()
    good.at(30_000)
    const [one, two] = [good.circuit.enter('a'), good.circuit.enter('a')]
    one.succeed()
    expect(two.fail('a')).toBe(false)
    expect(good.circuit.state).toBe('closed')
    const bad = opened()
    bad.at(30_000)
    const [three, four] = [bad.circuit.enter('a'), bad.circuit.enter('a')]
    expect(three.fail('a')).toBe(true)
    four.succeed()
    expect(bad.circuit.state).toBe('open')
  })

  test('closes by a probe that succeeds, with all forgotten', () => {
    const { circuit, fail, at } = start({ failures: 2 })
    fail('x')
    fail('y')
    expect(circuit.state).toBe('open')
    at(30_000)
    circuit.enter().succeed()
    expect(circuit.state).toBe('closed')
    expect(circuit.allows()).toBe(true)
    expect(circuit.enter().fail('z')).toBe(false)
  })

  test('opens again by a probe that fails, and for as long', () => {
    const { circuit, fail, at } = start()
    for (const request of ['x', 'y', 'z']) fail(request)
    at(40_000)
    expect(circuit.enter().fail('a')).toBe(true)
    expect(circuit).toMatchObject({ state: 'open', waitMs: 30_000 })
  })

  test('does not listen to calls that began before it opened', () => {
    const { circuit, fail, at } = start({ failures: 1 })
    const [one, two, three] = [circuit.enter(), circuit.enter(), circuit.enter()]
    fail('a')
    one.succeed()
    expect(circuit.state).toBe('open')
    at(30_000)
    const probe = circuit.enter()
    two.leave()
    expect(three.fail('b')).toBe(false)
    expect(circuit.state).toBe('half-open')
    expect(circuit.allows()).toBe(false)
    probe.succeed()
    expect(circuit.state).toBe('closed')
  })

  test('does not take a call from before as a success after it has closed', () => {
    const { circuit, fail, at } = start({ failures: 2 })
    const late = circuit.enter()
    for (const request of ['a', 'b']) fail(request)
    at(30_000)
    circuit.enter().succeed()
    fail('c')
    late.succeed()
    expect(fail('d')).toBe(true)
  })

  test('stays open no longer for a clock that goes back, and tries sooner for one that goes on', () => {
    const back = opened()
    back.at(-1e9)
    expect(back.circuit.waitMs).toBe(30_000)
    back.at(-1e9 + 30_000)
    expect(back.circuit.allows()).toBe(true)
    const on = opened()
    on.at(1e9)
    expect(on.circuit.allows()).toBe(true)
  })

  test('knows nothing any more once it is reset, and calls from before count no more', () => {
    const { circuit, fail } = start({ failures: 2 })
    const before = circuit.enter()
    fail('a')
    circuit.reset()
    expect([before.fail('b'), fail('c')]).toEqual([false, false])
    expect(fail('d')).toBe(true)
    circuit.reset()
    expect(circuit).toMatchObject({ state: 'closed', waitMs: 0 })
  })

  test('has the platform’s clock', () => {
    const circuit = new Circuit({ failures: 1 })
    circuit.enter().fail('a')
    expect(circuit.waitMs).toBeGreaterThan(29_000)
  })
})
