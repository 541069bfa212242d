/** Names of flags, lowest bit first. */
export const ctStateFlags = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'] as const
export const tcpFlagNames = [
  'fin',
  'syn',
  'rst',
  'psh',
  'ack',
  'urg',
  'ece',
  'cwr',
  'ns',
  '[200]',
  '[400]',
  '[800]',
] as const
export const tunFlagNames = ['oam', 'df', 'csum', 'key'] as const

/** All flags that are set, as `syn|ack`; `0` for none. */
export function formatFlags(names: readonly string[], flags: number): string {
  if (flags === 0) return '0'
  const set = names.filter((_, i) => (flags >>> i) & 1)
  const rest = names.length < 32 ? (flags >>> names.length) << names.length : 0
  return (rest === 0 ? set : [...set, `0x${(rest >>> 0).toString(16)}`]).join('|')
}

/** The flags that count, as `+est-rpl`; all flags of `whole` as {@link formatFlags} writes them. */
export function formatMaskedFlags(
  names: readonly string[],
  flags: number,
  mask: number,
  whole: number,
): string {
  if (mask === whole) return formatFlags(names, flags)
  if (mask === 0) return '0/0'
  let text = ''
  for (let i = 0; i < 32; i++)
    if ((mask >>> i) & 1) text += `${(flags >>> i) & 1 ? '+' : '-'}${names[i] ?? '[Unknown]'}`
  return text
}
