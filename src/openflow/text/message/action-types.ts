/** Types of OpenFlow's own actions, as lists of what a switch can do name them. */

/** By number (OpenFlow 1.5.1, §7.2.6), in Open vSwitch's order. */
const names = [
  [0, 'output'],
  [22, 'group'],
  [25, 'set_field'],
  [18, 'strip_vlan'],
  [17, 'push_vlan'],
  [23, 'mod_nw_ttl'],
  [24, 'dec_ttl'],
  [15, 'set_mpls_ttl'],
  [16, 'dec_mpls_ttl'],
  [19, 'push_mpls'],
  [20, 'pop_mpls'],
  [21, 'set_queue'],
] as const

/** The names of the types whose bits are set. */
export function actionTypesText(bits: number): string {
  const known = names.filter(([type]) => ((bits >>> type) & 1) === 1)
  return known.length === 0 ? '<none>' : known.map(([, name]) => name).join(' ')
}

/** Only the bits of types that have a name. */
export function knownActionTypes(bits: number): number {
  return names.reduce((known, [type]) => (known | (bits & (1 << type))) >>> 0, 0)
}
