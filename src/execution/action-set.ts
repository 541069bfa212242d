import type { Action } from '../openflow/flow.js'

/** Changes of headers that a set holds one each of, in the order in which they are done (OpenFlow 1.5.1, §5.6.2). */
const first: readonly Action['type'][] = [
  'popVlan',
  'popMpls',
  'pushMpls',
  'pushVlan',
  'decTtl',
  'decMplsTtl',
]

/** What a set ends with, in rising order: the last of these that it has is the only one that is done. */
const final: readonly Action['type'][] = ['ct', 'resubmit', 'output', 'outputReg', 'controller', 'group']

/** The actions of a set in the order in which they are done: none where nothing sends the packet anywhere. */
export function inOrder(set: readonly Action[]): readonly Action[] {
  let end: Action | undefined
  for (const action of set) if (rank(action) >= 0 && rank(action) >= (end ? rank(end) : 0)) end = action
  if (!end) return []
  const single = first.flatMap((type) => set.findLast((action) => action.type === type) ?? [])
  const others = set.filter(({ type }) => !first.includes(type) && !final.includes(type))
  return [...single, ...others, end]
}

function rank({ type }: Action): number {
  return final.indexOf(type)
}
