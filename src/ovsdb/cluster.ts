import { ClusterError } from './errors.js'
import type { ServerStatus } from './server-status.js'
import type { Uuid } from './uuid.js'

/**
 * What one session demands of the servers of a clustered database, over all its connections: always the same cluster,
 * never an older state than it has seen, and the leader if that is wanted. Databases that are not clustered pass.
 */
export class Cluster {
  #id: Uuid | undefined
  #index = 0

  /** @param id the cluster's id; without it, that of the first server */
  constructor(
    readonly database: string,
    readonly leaderOnly: boolean,
    id: Uuid | undefined,
  ) {
    this.#id = id
  }

  /** The cluster's id, as soon as it is known. */
  get id(): Uuid | undefined {
    return this.#id
  }

  /**
   * Holds a server's status against all that, and remembers it.
   * @throws ClusterError
   */
  check({ model, connected, leader, cid, index = this.#index }: ServerStatus): void {
    const fail = (problem: ClusterError['problem']) => new ClusterError(this.database, problem)
    if (this.#id !== undefined && (model === 'standalone' || (cid !== undefined && cid !== this.#id)))
      throw fail('other cluster')
    if (!connected) throw fail('not connected')
    if (this.leaderOnly && !leader) throw fail('not leader')
    if (index < this.#index) throw fail('outdated')
    this.#id = cid ?? this.#id
    this.#index = index
  }
}
