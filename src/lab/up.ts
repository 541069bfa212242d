import { setTimeout as sleep } from 'node:timers/promises'
import { type ControllerOptions, defaultSocket } from './controller.js'
import { LabError } from './error.js'
import { type Lab, type LabOptions, openLab } from './lab.js'
import type { LabPlan, LabWorkload } from './plan.js'

/** Asks the controller behind this socket what its workloads were given. */
export type FetchWorkloads = (socket: string) => Promise<readonly LabWorkload[]>

/** What is not in force yet, in words. */
export interface Pending {
  /** Without which the lab is not what its files say. */
  readonly required: readonly string[]
  /** Links that are not up; they need not ever be, where the files want it so. */
  readonly links: readonly { readonly type: 'tunnel' | 'uplink'; readonly reason: string }[]
}

/** Asks the controller behind this socket what of a lab is not in force yet. */
export type FetchPending = (socket: string, place: LabPlan['place']) => Promise<Pending>

export interface UpOptions extends LabOptions {
  /** How to start the controller; left out, none is started and nothing is plugged in. */
  readonly controller?: ControllerOptions
  readonly fetchWorkloads?: FetchWorkloads
  /** Left out, nobody waits until packets flow. */
  readonly fetchPending?: FetchPending
  /** Milliseconds that the controller has to learn of every placed workload. Default 5,000. */
  readonly knownWithinMs?: number
  /** Milliseconds that what is required has to come into force. Default 60,000. */
  readonly inForceWithinMs?: number
}

/** Milliseconds that links are waited for: a tunnel of a slow machine, an uplink whose next hop may not be there. */
const linkPatienceMs = { tunnel: 60_000, uplink: 5_000 } as const
/** Links that are not up and that are told of one by one. */
const mostLines = 6

/**
 * A whole cluster: hosts and wires, the controller, then the workloads with what the controller gave them. Returns when
 * packets flow. Throws LabError, among them `not-converged` where all is there and does not come into force.
 */
export async function labUp(plan: LabPlan, options: UpOptions = {}): Promise<Lab> {
  const { controller, fetchWorkloads, progress = () => undefined } = options
  const lab = await openLab(plan, options)
  if (controller === undefined) return lab
  progress('starting the controller')
  await lab.startController(controller)
  if (fetchWorkloads === undefined) return lab
  const socket = controller.socket ?? defaultSocket
  await lab.plug(plan, await knownWorkloads(plan, options, () => fetchWorkloads(socket)))
  await inForce(plan, socket, options)
  return lab
}

/** The controller's workloads, once it knows those that are placed, or has had the time to. */
async function knownWorkloads(
  { place }: LabPlan,
  { knownWithinMs = 5_000 }: UpOptions,
  fetch: () => Promise<readonly LabWorkload[]>,
): Promise<readonly LabWorkload[]> {
  const placed = Object.values(place).flat()
  const end = performance.now() + knownWithinMs
  for (;;) {
    const workloads = await fetch()
    const known = new Set(workloads.map(({ id }) => id))
    if (placed.every((id) => known.has(id)) || performance.now() > end) return workloads
    // A file that was written just now may not have been read yet by a controller that runs already.
    await sleep(50)
  }
}

async function inForce({ place }: LabPlan, socket: string, options: UpOptions): Promise<void> {
  const { fetchPending, inForceWithinMs = 60_000, progress = () => undefined } = options
  if (fetchPending === undefined) return
  const begin = performance.now()
  let isWaiting = false
  for (;;) {
    const { required, links } = await fetchPending(socket, place)
    const elapsedMs = performance.now() - begin
    if (required.length === 0 && links.every(({ type }) => elapsedMs > linkPatienceMs[type])) {
      for (const { reason } of links.slice(0, mostLines)) progress(reason)
      if (links.length > mostLines) progress(`and ${links.length - mostLines} more links that are not up`)
      return
    }
    if (required.length > 0 && elapsedMs > inForceWithinMs)
      throw new LabError('not-converged', 'the lab is up, and not in force', required)
    if (!isWaiting) progress('waiting for packets to flow')
    isWaiting = true
    await sleep(50)
  }
}
