import { describe, expect, test } from 'bun:test'
import { tenantConfig } from '../../src/dispatch/config.ts'
import { Tenants } from '../../src/dispatch/tenants.ts'

describe('Tenants', () => {
  test('gives the terms of whom a request names, and the default ones to who names nobody', () => {
    const gold = tenantConfig.parse({
      id: 'gold',
      weight: 3,
      maxPriority: 5,
      deadlineMs: 900,
      degrade: false,
    })
    const tenants = new Tenants([gold])
    expect(tenants.terms('gold')).toEqual({
      tenant: { id: 'gold', weight: 3, maxQueuedChars: undefined },
      maxPriority: 5,
      deadlineMs: 900,
      degrade: false,
    })
    expect(tenants.terms().tenant).toMatchObject({ id: 'default', weight: 1 })
  })

  test('lets the config say what those get who name nobody', () => {
    const tenants = new Tenants([tenantConfig.parse({ id: 'default', weight: 0.5, maxQueuedChars: 100 })])
    expect(tenants.terms().tenant).toEqual({ id: 'default', weight: 0.5, maxQueuedChars: 100 })
  })

  test('refuses one that it does not know', () => {
    expect(() => new Tenants().terms('gold')).toThrow(
      expect.objectContaining({ code: 'invalid', source: 'client', field: 'x-sotto-tenant' }),
    )
  })
})
