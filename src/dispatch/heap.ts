/** A binary heap that knows where each of its items is: any of them may leave it or move in logarithmic time. */
export class Heap<T> implements Iterable<T> {
  readonly #before: (a: T, b: T) => boolean
  readonly #items: T[] = []
  readonly #places = new Map<T, number>()

  /** `before` tells whether one item comes before another, and must not change its mind without a {@link moved}. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#places.has(item)
  }

  /** Gives the items in no order in particular. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]()
  }

  add(item: T): void {
    this.#put(item, this.#items.length)
    this.#rise(this.#items.length - 1)
  }

  /** Tells whether it was there. */
  delete(item: T): boolean {
    const place = this.#places.get(item)
    if (place === undefined) return false
    this.#places.delete(item)
    const last = this.#items.pop()!
    if (last !== item) {
      this.#put(last, place)
      this.moved(last)
    }
    return true
  }

  /** Puts an item whose order has changed where it now belongs. */
  moved(item: T): void {
    this.#sink(this.#rise(this.#places.get(item)!))
  }

  #put(item: T, place: number): void {
    this.#items[place] = item
    this.#places.set(item, place)
  }

  #rise(from: number): number {
    const item = this.#items[from]!
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#before(item, this.#items[parent]!)) break
      this.#put(this.#items[parent]!, place)
      place = parent
    }
    if (place !== from) this.#put(item, place)
    return place
  }

  #sink(from: number): void {
    const item = this.#items[from]!
    let place = from
    for (;;) {
      const child = this.#lesserChild(place)
      if (child === undefined || !this.#before(this.#items[child]!, item)) break
      this.#put(this.#items[child]!, place)
      place = child
    }
    if (place !== from) this.#put(item, place)
  }

  #lesserChild(place: number): number | undefined {
    const [left, right] = [2 * place + 1, 2 * place + 2]
    if (left >= this.size) return undefined
    return right < this.size && this.#before(this.#items[right]!, this.#items[left]!) ? right : left
  }
}
