import type { WorkloadPort } from '../model/workload-port.js'

/**
 * How an answer sets out from a host's bridge: by a port, to the workload behind it if there is one; at a tenant's router,
 * from one of its networks; at a gateway, from a tenant, to be translated like what the tenant sends; likewise between the
 * two translations, or behind them; as it comes from outside, for a tenant.
 */
export type Way =
  | WorkloadPort
  | { readonly port: number; readonly workload?: never }
  | { readonly network: number; readonly tenant: number }
  | { readonly tenant: number; readonly gateway: number }
  | { readonly transit: number }
  | { readonly wire: number }
  | { readonly inside: number; readonly gateway: number }
