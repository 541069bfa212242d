import { sides } from '../../../flows/policy/side.js'
import { reg } from '../../../flows/registers.js'
import type { Model } from '../../model/model.js'
import type { Direction } from '../../model/rows.js'
import type { Flow as FlowValues } from '../../openflow/flow.js'
import type { Table } from '../../pipeline/table.js'
import type { Unit } from '../../pipeline/unit.js'

export type Kind = 'allowed' | 'denied' | 'replies'

/** What the packets of a flow count for. */
export interface CountedFor {
  /** Id of the policy; empty: what no policy decides. */
  readonly policy: string
  readonly direction: Direction
  /** The rule's place in the policy's list; undefined: what the rules leave over. */
  readonly index: number | undefined
  readonly kind: Kind
}

/** Which flows count packets for a rule: each packet that policy judges hits one of them for each direction. */
export class Counting {
  /** The tables of these flows. */
  readonly tables: readonly number[]
  readonly #numbers: ReadonlyMap<string, number>

  constructor(
    readonly model: Model,
    pipeline: readonly Table[],
  ) {
    this.#numbers = new Map(pipeline.map(({ name, number }) => [name, number]))
    this.tables = ['egress-tracked', 'egress-verdict', 'ingress-tracked', 'ingress-verdict'].flatMap(
      (name) => this.#numbers.get(name) ?? [],
    )
  }

  /** What a flow of these tables counts for; undefined: another flow counts the packet. */
  of(unit: Unit, flow: FlowValues): CountedFor | undefined {
    const here: Direction = unit.table.name.startsWith('egress') ? 'egress' : 'ingress'
    const next = flow.actions.flatMap((action) => (action.type === 'gotoTable' ? action.table : []))[0]
    const passes = next === this.#numbers.get(sides[here].next)
    return unit.table.name.endsWith('-tracked')
      ? this.#tracked(unit, here, flow, passes)
      : this.#judged(unit, here, flow, passes)
  }

  /** Replies pass by the decision on the other direction; what belongs to no admitted connection ends here. */
  #tracked(
    unit: Unit,
    here: Direction,
    { match, actions }: FlowValues,
    passes: boolean,
  ): CountedFor | undefined {
    // Packets that were looked up just before the last policy went.
    if (match.ctState === undefined && passes) return undefined
    if (!passes) return actions.length === 0 ? noPolicy(here, 'denied') : undefined
    const rule = unit.rule.from === 'rule' ? this.model.get('rule', unit.row) : undefined
    if (!rule) return noPolicy(sides[here].other, 'replies')
    const { policy, direction, index } = rule
    return { policy, direction, index, kind: 'replies' }
  }

  #judged(unit: Unit, direction: Direction, { match, actions }: FlowValues, passes: boolean) {
    // What follows a question to the rules of the other direction was counted by these.
    if (match[reg.verdict] === undefined) return undefined
    const [policy, index, admits] = this.#decider(unit)
    // Neither to another table nor nowhere: the answer to such a question, about a packet that comes back.
    const answers = actions.length === 1 && actions[0]?.type === 'setField'
    const kind: Kind = answers ? 'replies' : passes || admits ? 'allowed' : 'denied'
    return { policy, direction, index, kind }
  }

  #decider(unit: Unit): readonly [policy: string, index: number | undefined, admits: boolean] {
    if (unit.rule.from === 'policy') return [unit.row, undefined, false]
    const rule = unit.rule.from === 'rule' ? this.model.get('rule', unit.row) : undefined
    return rule ? [rule.policy, rule.index, rule.action === 'allow'] : ['', undefined, true]
  }
}

function noPolicy(direction: Direction, kind: Kind): CountedFor {
  return { policy: '', direction, index: undefined, kind }
}
