import type { Action, Flow } from '../openflow/flow.js'
import type { Pass, Step, Write } from './execution.js'
import type { Header } from './header.js'
import type { Packet } from './packet.js'

/** A step while it is done. */
export interface OpenStep<F extends Flow> extends Step<F> {
  readonly writes: Write[]
}

/** A pass while it goes on: what actions change. */
export interface Run<F extends Flow> {
  readonly host: string
  readonly pass: Pass<F> & { readonly steps: OpenStep<F>[] }
  packet: Packet
  header: Header
  stack: bigint[]
  actionSet: Action[]
  /** An `exit` ends all of the pass. */
  exited: boolean
  /** Whether anything came of the pass. */
  ended: boolean
  expired: boolean
}

/** Runs something on a copy of the packet: what it changes is lost (ovs-actions(7), clone). */
export function onCopy<F extends Flow>(run: Run<F>, work: () => void): void {
  const { header, stack, actionSet, exited, packet } = run
  run.header = header.copy()
  run.stack = [...stack]
  run.actionSet = [...actionSet]
  work()
  Object.assign(run, { header, stack, actionSet, exited, packet })
}
