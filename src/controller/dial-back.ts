import type { ControllerOptions } from '../api/start-controller.js'

/** Where a host's switch is told to dial. */
export function dialBack({ advertise }: ControllerOptions, port: number, own: string | undefined): string {
  if (advertise?.startsWith('tcp:')) return advertise
  return `tcp:${advertise ?? own ?? '127.0.0.1'}:${port}`
}
