import type { TableName } from './rows.js'

/**
 * The object of the files that a row stands for, as `kind/name` or `kind/tenant/name`: what a flow of this row is
 * explained by. World and derived rows stand for the object that they tell of.
 */
export function objectOf(table: TableName, id: string): string {
  switch (table) {
    case 'placement':
    case 'tap':
      return `workload/${id}`
    case 'station':
      return `network/${id.slice(0, id.lastIndexOf('/'))}`
    case 'segment':
    case 'wire':
      return `network/${id.slice(0, id.lastIndexOf('@'))}`
    case 'neighbour':
      return `gateway/${id.slice(0, id.indexOf('/'))}`
    case 'share':
      return `bandwidth/${id.slice(0, id.indexOf('#'))}`
    case 'backend':
      return `service/${id.slice(0, id.indexOf('#'))}`
    case 'exit':
    case 'translation':
      return id.slice(0, id.indexOf('#'))
    case 'outlet':
      return `tenant/${id.slice(0, id.indexOf('@'))}`
    case 'outsideAddress':
      return `gateway/${id.slice(0, id.indexOf('/'))}`
    case 'publishedPort':
      return `portForward/${id.replace(/@.*/, '')}`
    case 'settled':
      return id === '' ? 'cluster' : `tenant/${id}`
    case 'bridge':
    case 'silence':
      return `host/${id}`
    case 'port':
    case 'outerBridge':
      return `host/${id.slice(0, id.indexOf('/'))}`
    case 'rule':
      return `policy/${id.slice(0, id.lastIndexOf('#'))}`
    case 'prefix': {
      const tenant = id.slice(0, id.indexOf('#'))
      return tenant === '' ? 'cluster' : `tenant/${tenant}`
    }
    case 'cluster':
      return 'cluster'
    default:
      return `${table}/${id}`
  }
}

/** Which part of its object a row stands for, as the path of the file's fields: a rule of a policy; empty for all of it. */
export function partOf(table: TableName, id: string): readonly (string | number)[] {
  if (table !== 'rule') return []
  const [direction = '', index = ''] = id.slice(id.lastIndexOf('#') + 1).split('/')
  return [direction, Number(index)]
}

/** The tenant that an object belongs to; undefined for those of the whole cluster. */
export function tenantOf(object: string): string | undefined {
  const [kind, first, name] = object.split('/')
  return name !== undefined || kind === 'tenant' ? first : undefined
}
