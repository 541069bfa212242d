import { z } from 'zod'
import { name } from '../text/fields.js'
import { peer } from './peer.js'
import { port } from './port.js'
import type { Complaint } from './rule.js'
import { rule } from './rule.js'
import { selector } from './selector.js'

/** Where a policy of the admin or baseline tier stands that names no priority. */
export const defaultPriority = 100

/** Rules that one direction of a policy can have: their index is 11 bits wide, and the last one stands for "none". */
const mostRules = 2047

const ports = z
  .array(port)
  .optional()
  .describe(
    'What may be asked for: tcp/80, tcp/8000-8100, tcp, icmp, icmp/8; default: any protocol and port.',
  )
const action = z
  .enum(['allow', 'deny', 'reject', 'pass'])
  .default('allow')
  .describe('What happens; pass (admin and baseline tiers) leaves the decision to the next tier.')
const log = z.boolean().default(false).describe('Whether connections that the rule decides are logged.')

const ingressRule = z.strictObject({
  from: z.array(peer).optional().describe('Who it comes from; default: anyone.'),
  ports,
  action,
  log,
})

const egressRule = z.strictObject({
  to: z.array(peer).optional().describe('Where it goes to; default: anywhere.'),
  ports,
  action,
  log,
})

export const policy = z
  .strictObject({
    kind: z.literal('Policy').describe('Who may talk to whom.'),
    tenant: name
      .optional()
      .describe('Tenant whose workloads it selects; default, in the admin and baseline tiers: every tenant.'),
    name: name.describe('Name of the policy.'),
    tier: z
      .enum(['admin', 'tenant', 'baseline'])
      .default('tenant')
      .describe('Which policies are asked first: admin, then tenant, then baseline.'),
    priority: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe(`Order in the admin and baseline tiers, lower numbers first; default: ${defaultPriority}.`),
    select: selector.describe('Labels of the workloads that it is about; {} is every one.'),
    ingress: z
      .array(ingressRule)
      .max(mostRules)
      .optional()
      .describe('What may come in; an empty list: nothing. Left out: says nothing of what comes in.'),
    egress: z
      .array(egressRule)
      .max(mostRules)
      .optional()
      .describe('What may go out; an empty list: nothing. Left out: says nothing of what goes out.'),
    established: z
      .enum(['recheck', 'keep'])
      .default('recheck')
      .describe(
        'Whether a change cuts connections that it no longer allows, or lets them live until they end.',
      ),
  })
  .describe('Who may talk to whom. Replies to what is allowed are allowed.')
  .superRefine(rule(complaints))

type Fields = z.output<typeof policy>

function* complaints(fields: Fields): Generator<Complaint> {
  const { tenant, tier, priority } = fields
  if (tier === 'tenant' && tenant === undefined) {
    const message = 'tenant is missing: only policies of the admin and baseline tiers are about every tenant'
    yield { code: 'missing-field', path: [], message }
  }
  if (tier === 'tenant' && priority !== undefined) {
    const message = `priority ${priority} has no meaning in the tenant tier, where deny and reject beat allow`
    yield { code: 'bad-value', path: ['priority'], message }
  }
  for (const [index, { action, from }] of (fields.ingress ?? []).entries())
    yield* ruleComplaints(fields, { action, peers: from }, ['ingress', index], 'from')
  for (const [index, { action, to }] of (fields.egress ?? []).entries())
    yield* ruleComplaints(fields, { action, peers: to }, ['egress', index], 'to')
}

function* ruleComplaints(
  { tier, tenant }: Fields,
  { action, peers = [] }: { action: string; peers: readonly z.output<typeof peer>[] | undefined },
  path: readonly (string | number)[],
  side: 'from' | 'to',
): Generator<Complaint> {
  if (tier === 'tenant' && action === 'pass') {
    const message = 'action pass is for the admin and baseline tiers: expected allow, deny or reject'
    yield { code: 'bad-value', path: [...path, 'action'], message }
  }
  for (const [index, { network, group }] of peers.entries()) {
    const at = [...path, side, index]
    if (network !== undefined && tenant === undefined && !network.includes('/')) {
      const message = `network ${network} has no tenant: in a policy of the whole cluster it is tenant/${network}`
      yield { code: 'bad-peer', path: [...at, 'network'], message }
    }
    if (group?.includes('/') && !group.startsWith(`${tenant}/`)) {
      const message =
        tenant === undefined
          ? `group ${group} is of one tenant: expected one of the whole cluster`
          : `group ${group} is of another tenant: expected one of tenant ${tenant} or of the whole cluster`
      yield { code: 'foreign-group', path: [...at, 'group'], message }
    }
  }
}
