import { everything } from '../../src/model/index-definitions.js'
import type { PolicyRow, RuleRow } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { call, drop, goto, inPart, set, setPart } from '../../src/pipeline/actions.js'
import { type RuleAction, type RuleFlow, rule, type TableParts } from '../../src/pipeline/table.js'
import { verdictToController } from '../answers.js'
import { turned } from '../fragments.js'
import { ipv4, ipv6, udp } from '../protocols.js'
import { isolation, mark, noRule, part, question, reg, ruleId } from '../registers.js'
import { scope, scopeOfPolicy } from '../scopes.js'
import { bit } from '../tracking.js'
import { isolates } from './isolation.js'
import { asksForPorts, labelled, type Side } from './side.js'

/** What a verdict means for the packet and for its connection: pass, pass and be remembered, drop, or drop and be forgotten. */
export function verdict(side: Side): TableParts {
  const { name, next } = side
  return [
    {
      matches: [
        reg.tenant,
        reg.verdict,
        part.question.field,
        'ctZone',
        'ctLabel',
        'ctState',
        'ethType',
        'ipProto',
      ],
      sets: [reg.verdict, part.question.field],
      next: [next, `${name}-verdict`, `${name}-commit`, `${name}-peer`],
    },
    [
      rule(
        'verdict of a rule',
        'rule',
        (row) => (row.direction === name && row.action !== 'pass' ? scopeOfPolicy(row) : undefined),
        (row) => (row.action === 'allow' ? allow(side, row) : deny(side, row)),
      ),
      rule(
        'what no rule of a selecting policy allows',
        'policy',
        (policy) => (isolates(side, policy) ? scopeOfPolicy(policy) : undefined),
        (policy) => isolate(side, policy),
      ),
      rule(
        'what no policy decides',
        'cluster',
        () => scope.guarded,
        () => admit(side, noRule, mark.admitted, []),
      ),
      rule(
        'fragments that no rule allows',
        'tenant',
        ({ id }) => scope.guard(id),
        function* ({ id, number }, model) {
          if (asksForPorts(side, id, model)) yield* fragments(side, { [reg.tenant]: number })
        },
      ),
      rule(
        'fragments that no rule allows, of all',
        'cluster',
        () => scope.guarded,
        function* (_cluster, model) {
          if (asksForPorts(side, everything, model)) yield* fragments(side, {})
        },
      ),
      rule(
        'answers about which rules were asked',
        'cluster',
        () => scope.guarded,
        function* () {
          yield {
            priority: 300,
            match: inPart(part.question, question.allowed),
            actions: [setPart(part.question, question.none), goto(next)],
          }
          yield { priority: 300, match: inPart(part.question, question.asked), actions: drop }
          for (const family of [ipv4, ipv6])
            yield {
              priority: 305,
              match: { ...family, ...udp, ...inPart(part.question, question.asked), ...isNew },
              actions: [setPart(part.question, question.refused), call(`${name}-peer`)],
            }
        },
      ),
    ],
  ]
}

const isNew: Match = { ctState: { value: bit.new, mask: bit.new } }

function allow(side: Side, { number, index, established, log }: RuleRow): Iterable<RuleFlow> {
  const id = ruleId(number, index)
  const half = mark.admitted + (established === 'keep' ? mark.keep : 0) + id
  return admit(side, id, half, log ? [verdictToController(side.name, 'allow', id)] : [])
}

/** Fragments that wait come back with the first one, which no rule allows, and with their connection's label, as whole packets come. */
function* fragments({ name }: Side, at: Match): Generator<RuleFlow> {
  for (const family of [ipv4, ipv6])
    yield {
      priority: 110,
      match: { ...at, ...turned, ...family },
      actions: [{ type: 'ct', zone: part.zone, table: `${name}-verdict` }],
    }
}

/** @param half what the label has once the connection is admitted by this verdict */
function* admit(side: Side, id: number, half: number, report: readonly RuleAction[]): Generator<RuleFlow> {
  const match = { [reg.verdict]: id }
  const commit = [set(reg.verdict, half), goto(`${side.name}-commit`)]
  yield {
    priority: 310,
    match: { ...match, ...inPart(part.question, question.asked) },
    actions: [setPart(part.question, question.allowed)],
  }
  yield { priority: 200, match: { ...match, ...labelled(side, half) }, actions: [goto(side.next)] }
  if (report.length > 0)
    yield {
      priority: 150,
      match: { ...match, ...labelled(side, mark.admitted, mark.admitted) },
      actions: commit,
    }
  yield { priority: 120, match, actions: [...report, ...commit] }
}

function* deny(side: Side, { number, index, established, action, log }: RuleRow): Generator<RuleFlow> {
  const id = ruleId(number, index)
  const match = { [reg.verdict]: id }
  const kind = action === 'reject' ? 'reject' : 'deny'
  const report = log || kind === 'reject' ? [verdictToController(side.name, kind, id)] : []
  yield {
    priority: 200,
    match: { ...match, ...labelled(side, mark.admitted, mark.admitted) },
    actions: established === 'keep' ? [goto(side.next)] : [...report, ...cut(side)],
  }
  if (established === 'keep') yield* answersOf(side, match, mark.admitted)
  yield { priority: 100, match, actions: report }
}

function* isolate(side: Side, { number }: PolicyRow): Generator<RuleFlow> {
  const id = ruleId(number, isolation)
  const kept = mark.admitted + mark.keep
  const admitted = labelled(side, mark.admitted, mark.admitted)
  const pass = [goto(side.next)]
  yield { priority: 220, match: { [reg.verdict]: mark.keep + id, ...admitted }, actions: pass }
  yield { priority: 210, match: { [reg.verdict]: id, ...labelled(side, kept, kept) }, actions: pass }
  yield* answersOf(side, { [reg.verdict]: mark.keep + id }, mark.admitted)
  yield* answersOf(side, { [reg.verdict]: id }, kept)
  yield { priority: 200, match: { [reg.verdict]: id, ...admitted }, actions: cut(side) }
  yield {
    priority: 100,
    match: { [reg.verdict]: { value: id, mask: ~mark.keep >>> 0 } },
    actions: drop,
  }
}

/** Where rules are asked about answers, those of connections that live on pass. */
function* answersOf(side: Side, match: Match, label: number): Generator<RuleFlow> {
  yield {
    priority: 320,
    match: { ...match, ...labelled(side, label, label), ...inPart(part.question, question.asked) },
    actions: [setPart(part.question, question.allowed)],
  }
}

/** Forgets that the connection was admitted, and ends the packet. */
function cut({ name }: Side): readonly RuleAction[] {
  return [set(reg.verdict, 0), goto(`${name}-commit`)]
}
