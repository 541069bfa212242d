import { setTimeout as sleep } from 'node:timers/promises'
import { type ControllerOptions, defaultSocket } from './controller.js'
import { type Lab, type LabOptions, openLab } from './lab.js'
import type { LabPlan, LabWorkload } from './plan.js'

/** Asks the controller behind this socket what its workloads were given. */
export type FetchWorkloads = (socket: string) => Promise<readonly LabWorkload[]>

export interface UpOptions extends LabOptions {
  /** How to start the controller; left out, none is started and nothing is plugged in. */
  readonly controller?: ControllerOptions
  readonly fetchWorkloads?: FetchWorkloads
  /** Milliseconds that the controller has to learn of every placed workload. Default 5,000. */
  readonly knownWithinMs?: number
}

/** A whole cluster: hosts and wires, the controller, then the workloads with what the controller gave them. */
export async function labUp(plan: LabPlan, options: UpOptions = {}): Promise<Lab> {
  const { controller, fetchWorkloads, progress = () => undefined, knownWithinMs = 5_000 } = options
  const lab = await openLab(plan, options)
  if (controller === undefined) return lab
  progress('starting the controller')
  await lab.startController(controller)
  if (fetchWorkloads === undefined) return lab
  const placed = Object.values(plan.place).flat()
  const end = performance.now() + knownWithinMs
  for (;;) {
    const workloads = await fetchWorkloads(controller.socket ?? defaultSocket)
    const known = new Set(workloads.map(({ id }) => id))
    if (placed.every((id) => known.has(id)) || performance.now() > end) {
      await lab.plug(plan, workloads)
      return lab
    }
    // A file that was written just now may not have been read yet by a controller that runs already.
    await sleep(50)
  }
}
