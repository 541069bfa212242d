/** Labels of a host, tenant or workload. */
export type Labels = Readonly<Record<string, string>>

/** One condition on a label; a plain string means that the label has this value. */
export type LabelCondition =
  | string
  | { readonly in: readonly string[] }
  | { readonly notIn: readonly string[] }
  | 'exists'
  | 'absent'

/** Conditions by label, all of which must hold; an empty selector selects everything. */
export type Selector = Readonly<Record<string, LabelCondition>>
