import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Subject } from 'rxjs'
import { packetInReasons } from '../flows/answers.js'
import { pipeline } from '../flows/pipeline.js'
import { scopesOfHost } from '../flows/scopes.js'
import type { RunningController, StartController } from './api/start-controller.js'
import { controllerApi } from './controller/api.js'
import { Bridges } from './controller/bridges.js'
import { Counting } from './controller/counters/counted.js'
import { GatewayCounterReader } from './controller/counters/gateway-counters.js'
import { RuleCounterReader } from './controller/counters/rule-counters.js'
import { DatapathIds } from './controller/datapath-ids.js'
import { dialBack } from './controller/dial-back.js'
import { Discovery } from './controller/discovery.js'
import { Failure } from './controller/failure.js'
import { forgetStrangers } from './controller/forget-strangers.js'
import { Gateways } from './controller/gateways.js'
import { Hosts } from './controller/hosts.js'
import { Introduction } from './controller/introduction.js'
import { Links } from './controller/links.js'
import { Listener } from './controller/listener.js'
import { Loop } from './controller/loop.js'
import { LostConnections } from './controller/lost-connections.js'
import { OuterBridges, outerEngine } from './controller/outer-bridges.js'
import { Recorder } from './controller/recorder.js'
import { repairOf } from './controller/repair.js'
import { sendBy } from './controller/send-by.js'
import { Settling } from './controller/settling.js'
import { Sources } from './controller/sources.js'
import { SparingLog } from './controller/sparing-log.js'
import { StationServices } from './controller/station-services.js'
import { VerdictLog } from './controller/verdict-log.js'
import { BandwidthViews } from './controller/views/bandwidth-views.js'
import { FlowListing } from './controller/views/flow-listing.js'
import { MirrorViews, mirrorLog } from './controller/views/mirror-views.js'
import { RouteViews } from './controller/views/route-views.js'
import { ServiceViews } from './controller/views/service-views.js'
import { warningLogs } from './controller/views/warning-logs.js'
import { watchRouter } from './controller/watch-router.js'
import { watchVerdicts } from './controller/watch-verdicts.js'
import { Whereabouts } from './controller/whereabouts.js'
import { storedWorld, storeWorld } from './controller/world.js'
import { OpenFlowSwitch } from './datapath/openflow-switch.js'
import { Model } from './model/model.js'
import type { Change } from './model/rows.js'
import { Engine } from './pipeline/engine.js'
import { formatError, PolicyDirectory, type PolicyUpdate } from './policy/index.js'
import { FileStore } from './store/file-store.js'

/** How often stations outside are looked through for those that are to be asked, and workloads for those to be told. */
const probeMs = 100

/** Wires everything: files and hosts change the model, the engine follows, switches get the difference. */
export const startController: StartController = async (options): Promise<RunningController> => {
  const { log } = options
  const store = new FileStore(options.state)
  const spool = join(options.state, 'discovered')
  const policy = new PolicyDirectory({
    dirs: [...options.policies, spool],
    spool,
    store,
    random: Math.random,
    now: () => performance.now(),
    allowEmpty: options.allowEmpty,
  })
  const model = new Model()
  const engine = new Engine(model, pipeline, scopesOfHost)
  const outer = outerEngine(model)
  const loop = new Loop(model, [engine, outer, ...warningLogs(model, log), mirrorLog(model, log)])
  const sources = new Sources([engine, outer], model, (object, part) => policy.origin(object, part))
  const statusChanges = new Subject<void>()
  const onState = () => statusChanges.next()
  const introduced = new Introduction(() => hosts.areConnected)
  const failure = new Failure()
  let update: PolicyUpdate | undefined
  const isComplete = () => update?.incomplete === false

  const commit = (changes: Iterable<Change>, revision?: number): void => loop.commit(changes, revision)
  loop.applied.subscribe((done) => {
    storeWorld(store, done)
    hosts.follow(done)
    discovery.follow(done)
    settling.follow(done)
    if (done.some(({ table, row }) => table === 'host' && row)) introduced.begin()
    for (const { table, id, row } of done) {
      if (table === 'host' && !row) bridges.drop(id)
      if (table === 'outerBridge' && !row) outerBridges.drop(id)
    }
    listener.follow(done)
    gateways.follow(done)
    lostConnections.follow(done)
    services.follow(done)
    links.follow(done)
    whereabouts.follow(done)
  })

  const recorder = options.record === undefined ? undefined : new Recorder(options.record, log)
  const listener = new Listener({
    address: options.openflow,
    host: (id) => model.get('host', id),
    onConnection: (connection) =>
      outerBridges.has(connection) ? outerBridges.accept(connection) : bridges.accept(connection),
    ...(recorder && { onBytes: (messages: Buffer) => recorder.note(messages) }),
    log,
  })
  const hosts = new Hosts({
    model,
    dialBack: (own) => dialBack(options, listener.port, own),
    ...(options.ovsdbTls && { tls: options.ovsdbTls }),
    isLeft: (bridge) => outerBridges.isLeft(bridge),
    commit,
    onState: () => {
      introduced.check()
      onState()
    },
    log,
  })
  const datapaths = new DatapathIds(model)
  const bridges = new Bridges({
    loop,
    engine,
    identify: (datapathId) => datapaths.hostOf(datapathId),
    connect: (connection) => new OpenFlowSwitch(connection),
    tables: pipeline,
    ready: () => introduced.over,
    mayRemoveUnknown: isComplete,
    onPacketIn: (host, packetIn) => {
      const { userdata, packet } = packetIn
      const [reason] = userdata
      if (reason === packetInReasons.verdict) verdicts.judged(host, packetIn)
      else if (reason === packetInReasons.router) router.stranded(host, packetIn)
      else if (reason === packetInReasons.mapping) router.mapped(host, packetIn)
      else if (![services, whereabouts, links].some((each) => each.packetIn(host, packetIn)))
        gateways.packetIn(host, reason, packet)
    },
    describe: (drift) => repairOf(drift, sources),
    onReady: (host) => {
      links.ready(host)
      services.reconnected(host)
    },
    onSettled: (host) => {
      gateways.settled(host)
      whereabouts.settled(host)
      lostConnections.settled(host)
    },
    onState,
    log,
  })
  const outerBridges = new OuterBridges({
    model,
    loop,
    engine: outer,
    ready: () => introduced.over,
    mayRemoveUnknown: isComplete,
    describe: (drift) => repairOf(drift, sources),
    onLeft: (host) => hosts.links.get(host)?.refresh(),
    onState,
    log,
  })
  const around = {
    model,
    loop,
    hosts: () => hosts,
    bridges: () => bridges,
    outerBridges: () => outerBridges,
    mayForget: isComplete,
    now: () => performance.now(),
    log,
  }
  const gateways = new Gateways(around)
  const whereabouts = new Whereabouts(around)

  const verdictLog = new VerdictLog(model, sources, () => new Date(), log)
  const verdicts = watchVerdicts(model, bridges, verdictLog)
  const router = watchRouter(model, bridges, () => performance.now(), log)
  const services = new StationServices({
    model,
    send: (host, way, frame) => sendBy(bridges, host, way, frame),
    log: new SparingLog(log, () => performance.now()),
  })
  const ruleCounters = new RuleCounterReader(engine, bridges, new Counting(model, pipeline), log)

  const gatewayCounters = new GatewayCounterReader(engine, bridges, log)
  const routes = new RouteViews(engine, bridges, log)
  const wait = (ms: number) => setTimeout(ms, undefined, { ref: false })
  const lostConnections = new LostConnections({ ...around, wait })
  const bandwidths = new BandwidthViews(engine, bridges, log)
  const mirrors = new MirrorViews(engine, bridges, log)
  const serviceViews = new ServiceViews(engine, bridges, log)

  const links = new Links({
    model,
    hosts: () => hosts,
    bridges: () => bridges,
    gateways: () => gateways,
    sources,
    now: () => performance.now(),
    today: () => new Date(),
    random: Math.random,
    log,
  })

  const settling = new Settling({ model, commit })
  const discovery = new Discovery({
    model,
    directory: spool,
    fileOf: (object) => policy.origin(object)?.file,
    log,
  })
  const take = (next: PolicyUpdate): void => {
    const known = new Set(update?.errors.map(formatError))
    for (const error of next.errors)
      if (!known.has(formatError(error))) log.error(error.toJSON(), formatError(error))
    if (next.refused)
      log.error('a policy directory is empty or missing: what was in force stays; --allow-empty overrides')
    update = next
    discovery.judge(next.errors)
    commit(next.changes, next.revision)
    log.info(
      { revision: next.revision, objects: next.objects, changes: next.changes.length },
      'policies in force',
    )
    onState()
  }

  loop.settled.subscribe(onState)
  const first = await policy.load()
  await listener.open()
  // One transaction: what was known of the world means nothing without the files, nor they without it.
  take({ ...first, changes: [...storedWorld(store), ...first.changes] })
  await loop.drained()
  const watching = policy.watch().subscribe({ next: take, error: (error) => failure.set(error) })
  if (isComplete()) forgetStrangers(model, commit)
  discovery.start()
  ruleCounters.start()
  gatewayCounters.start()
  const probing = setInterval(() => {
    gateways.tick()
    services.tick(performance.now())
    whereabouts.tick()
    lostConnections.tick()
  }, probeMs)
  links.start()

  return {
    api: controllerApi({
      model,
      engine,
      loop,
      policy,
      hosts,
      bridges,
      outerBridges,
      sources,
      flows: new FlowListing({ sources, engine, bridges, outerEngine: outer, outerBridges }),
      failover: gateways.failover,
      links,
      verdicts,
      router,
      whereabouts,
      services,
      verdictLog,
      ruleCounters,
      gatewayCounters,
      routes,
      bandwidths,
      mirrors,
      serviceViews,
      statusChanges,
      introduced: () => introduced.isOver,
      refused: () =>
        update?.refused &&
        'a policy directory is empty or missing; what was in force stays (--allow-empty overrides)',
      reread: async () => take(await policy.reread()),
    }),
    ready: Promise.resolve(),
    failed: failure.first,
    close: async () => {
      introduced.close()
      discovery.close()
      settling.close()
      clearInterval(probing)
      links.close()
      ruleCounters.close()
      gatewayCounters.close()
      watching.unsubscribe()
      bridges.close()
      outerBridges.close()
      await Promise.all([hosts.close(), listener.close()])
      await recorder?.close()
      store.close()
    },
  }
}
