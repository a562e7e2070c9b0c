import type { Tenant } from '../speech.ts'

/** One queue of a group. */
export interface GroupMember {
  /** Clauses that wait. */
  readonly waiting: number
  /** Their characters. */
  readonly waitingChars: number
  /** Those of one tenant. */
  charsOf(tenant: string): number
  /** Sends away one who has more than their share, so that something of `cost` may come; tells whether anybody has. */
  makeRoom(tenant: Tenant, cost: number): boolean
}

/** Queues that have their bounds together: those before the addresses of one host, or before hosts of one `group`. */
export class HostGroup implements GroupMember {
  readonly #members = new Set<GroupMember>()

  add(member: GroupMember): void {
    this.#members.add(member)
  }

  delete(member: GroupMember): void {
    this.#members.delete(member)
  }

  get waiting(): number {
    return this.#sum((member) => member.waiting)
  }

  get waitingChars(): number {
    return this.#sum((member) => member.waitingChars)
  }

  charsOf(tenant: string): number {
    return this.#sum((member) => member.charsOf(tenant))
  }

  makeRoom(tenant: Tenant, cost: number): boolean {
    for (const member of this.#members) if (member.makeRoom(tenant, cost)) return true
    return false
  }

  #sum(of: (member: GroupMember) => number): number {
    let sum = 0
    for (const member of this.#members) sum += of(member)
    return sum
  }
}
