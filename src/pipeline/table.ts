import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Reads } from '../model/reads.js'
import type { TableName, Tables } from '../model/rows.js'
import type { Action, FieldName, Match } from '../openflow/flow.js'
import type { GroupType } from '../openflow/messages/group.js'

/** An action of a rule: tables are called by name, and become numbers when the flow is compiled. */
export type RuleAction =
  | Exclude<Action, { type: 'gotoTable' } | { type: 'resubmit' } | { type: 'ct' } | { type: 'clone' }>
  | { readonly type: 'goto'; readonly table: string }
  | { readonly type: 'call'; readonly table: string }
  | { readonly type: 'clone'; readonly actions: readonly RuleAction[] }
  | (Omit<Extract<Action, { type: 'ct' }>, 'table'> & { readonly table?: string })

/** A flow as a rule yields it; no actions means drop. */
export interface RuleFlow {
  /** 0 to 65,535; the highest match wins. */
  readonly priority: number
  readonly match: Match
  readonly actions: readonly RuleAction[]
}

/** A group as a rule yields it, beside the flows that send packets to it. */
export interface RuleGroup {
  /** 1 to 0xffffff00, unique on each bridge, and above those of groups that it refers to. */
  readonly group: number
  readonly type: GroupType
  readonly buckets: readonly RuleBucket[]
  /**
   * What a group of type select chooses by: the addresses and ports of packets, in one direction, or these fields alone.
   * Default: the switch's, which is the same in both directions, and takes no notice of the ports of datagrams.
   */
  readonly choice?: Choice
}

export type Choice = 'connection' | readonly FieldName[]

export interface RuleBucket {
  /**
   * 0 to 0xffffff00, unique in its group; default: its place from 0. Where other buckets come and go, a choice by fields
   * stays with the one of a number.
   */
  readonly id?: number
  /** Share of the traffic, in groups of type select. */
  readonly weight?: number
  /** The bucket is alive while this port is, in groups of type fast failover. */
  readonly watchPort?: number
  /** The bucket is alive while some bucket of this group is. */
  readonly watchGroup?: number
  readonly actions: readonly RuleAction[]
}

/** A meter as a rule yields it, beside the flows that it limits. */
export interface RuleMeter {
  /** 1 to 199,999, unique on each bridge. */
  readonly meter: number
  /** What `rate` and `burst` count. */
  readonly unit: 'packets' | 'kilobits'
  /** Per second. */
  readonly rate: number
  readonly burst: number
}

/** A pure function from one row to its flows in one table. What it reads beyond its row is tracked. */
export interface Rule<T extends TableName = TableName> {
  /** What its flows are for, in words for people; unique within its table. */
  readonly name: string
  readonly from: T
  /** The scope that the flows are published to; undefined: nowhere. */
  scope(row: Tables[T], reads: Reads): string | undefined
  flows(row: Tables[T], reads: Reads): Iterable<RuleFlow | RuleGroup | RuleMeter>
}

/** What a table promises about its flows; a test holds every flow against it. */
export interface TableContract {
  /** Fields that its flows match, prerequisites (ethType, ipProto) included. */
  readonly matches: readonly FieldName[]
  /** Fields that its flows write. */
  readonly sets?: readonly FieldName[]
  /** Tables that its flows may send a packet to. */
  readonly next?: readonly string[]
}

/** One OpenFlow table: number and name come from its file's name, `NN-name`. */
export interface Table extends TableContract {
  readonly number: number
  readonly name: string
  readonly rules: readonly Rule[]
}

/** What a table is made of, where several tables are alike. */
export type TableParts = readonly [contract: TableContract, rules: readonly Rule[]]

/** Declares the table of the calling file. Throws where the file's name has no number. */
export function table(url: string, contract: TableContract, rules: readonly Rule[]): Table {
  const [, number, name] = /^(\d+)-(.+)\.[jt]s$/.exec(basename(fileURLToPath(url))) ?? []
  if (number === undefined || name === undefined) throw new TypeError(`${url} is not named NN-name`)
  return { number: Number(number), name, rules, ...contract }
}

/** Declares a rule; see {@link Rule}. */
export function rule<T extends TableName>(
  name: string,
  from: T,
  scope: Rule<T>['scope'],
  flows: Rule<T>['flows'],
): Rule<T> {
  return { name, from, scope, flows }
}
