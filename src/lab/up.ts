import { type ControllerOptions, defaultSocket } from './controller.js'
import { type Lab, type LabOptions, openLab } from './lab.js'
import type { LabPlan, LabWorkload } from './plan.js'

/** Asks the controller behind this socket what its workloads were given. */
export type FetchWorkloads = (socket: string) => Promise<readonly LabWorkload[]>

export interface UpOptions extends LabOptions {
  /** How to start the controller; left out, none is started and nothing is plugged in. */
  readonly controller?: ControllerOptions
  readonly fetchWorkloads?: FetchWorkloads
}

/** A whole cluster: hosts and wires, the controller, then the workloads with what the controller gave them. */
export async function labUp(plan: LabPlan, options: UpOptions = {}): Promise<Lab> {
  const { controller, fetchWorkloads, progress = () => undefined } = options
  const lab = await openLab(plan, options)
  if (controller === undefined) return lab
  progress('starting the controller')
  await lab.startController(controller)
  if (fetchWorkloads === undefined) return lab
  await lab.plug(plan, await fetchWorkloads(controller.socket ?? defaultSocket))
  return lab
}
