import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Heap } from '../../src/dispatch/heap.ts'

interface Item {
  order: number
}
const heapOf = () => new Heap<Item>((a, b) => a.order < b.order)

describe('Heap', () => {
  test('gives the least first, whatever was added, taken out or moved before', () => {
    const step = fc.record({
      what: fc.constantFrom('add', 'delete', 'move'),
      which: fc.nat(30),
      order: fc.nat(50),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const heap = heapOf()
        const model: Item[] = []
        for (const { what, which, order } of steps) {
          const item = model[which % Math.max(1, model.length)]
          if (what === 'add' || !item) {
            model.push({ order })
            heap.add(model.at(-1)!)
          } else if (what === 'delete') {
            expect(heap.delete(item)).toBe(true)
            expect([heap.delete(item), heap.has(item)]).toEqual([false, false])
            model.splice(model.indexOf(item), 1)
          } else {
            item.order = order
            heap.moved(item)
          }
          expect(heap.size).toBe(model.length)
          expect(heap.first?.order).toBe(
            model.length ? Math.min(...model.map((each) => each.order)) : undefined,
          )
        }
        expect(new Set(heap)).toEqual(new Set(model))
        const out: number[] = []
        for (let first = heap.first; first; first = heap.first) {
          out.push(first.order)
          heap.delete(first)
        }
        expect(out).toEqual(model.map((each) => each.order).sort((a, b) => a - b))
      }),
    )
  })

  test('knows what is in it', () => {
    const [heap, item] = [heapOf(), { order: 1 }]
    heap.add(item)
    expect([heap.has(item), heap.has({ order: 1 })]).toEqual([true, false])
  })
})
