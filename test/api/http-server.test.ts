import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { join } from 'node:path'
import { Script } from 'node:vm'
import test, { type ExecutionContext } from 'ava'
import { type HttpOptions, httpOptions } from '../../src/api/http-options.js'
import { serveHttp } from '../../src/api/http-server.js'
import { RpcServer } from '../../src/api/rpc-server.js'
import { FakeController, hostStatus } from '../support/fake-controller.js'
import { silent } from '../support/serve-fake.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const loopback: HttpOptions = { host: '127.0.0.1', port: 0 }

async function serve(t: ExecutionContext, options = loopback) {
  const controller = new FakeController()
  const state = { ready: false }
  const serving = await serveHttp(
    controller,
    new RpcServer(controller, silent),
    options,
    () => state.ready,
    silent,
  )
  t.teardown(() => serving.close())
  return { controller, state, url: serving.url }
}

interface Reply {
  readonly status: number | undefined
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestTls : request
    const sent = send(url, { headers, method, agent: false, rejectUnauthorized: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += String(chunk)
      })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('healthy at once, ready after the first load', async (t) => {
  const { state, url } = await serve(t)
  t.is((await get(`${url}/healthz`)).status, 200)
  t.is((await get(`${url}/readyz`)).status, 503)
  state.ready = true
  t.is((await get(`${url}/readyz`)).status, 200)
})

test('what is not there is not found', async (t) => {
  const { url } = await serve(t)
  for (const path of ['/nothing', '/metrics/', '/../etc/passwd', '/rpc', '/index.html'])
    t.is((await get(url + path)).status, 404, path)
  t.is((await get(`${url}/metrics`, {}, 'POST')).status, 405)
  const head = await get(`${url}/healthz`, {}, 'HEAD')
  t.like(head, { status: 200, body: '' })
})

test('the page loads nothing from elsewhere and runs nothing but its own', async (t) => {
  const { url } = await serve(t)
  const { status, headers, body } = await get(url)
  t.is(status, 200)
  t.is(headers['content-type'], 'text/html; charset=utf-8')
  t.notRegex(body, /(src|href)=|https?:\/\/|@import|url\(/)
  const script = /<script>(.*)<\/script>/s.exec(body)?.[1] ?? ''
  t.notThrows(() => new Script(script))
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = String(headers['content-security-policy'])
  t.true(policy.includes("default-src 'none'") && policy.includes(`script-src 'sha256-${hash}'`))
})

test('the controller is asked once for all metrics of an answer, and again for the next', async (t) => {
  const { controller, url } = await serve(t)
  controller.change({ revision: 7 })
  const before = controller.statusReads
  t.regex((await get(`${url}/metrics`)).body, /^sluice_revision 7$/m)
  t.is(controller.statusReads - before, 1)
  controller.change({ revision: 8 })
  t.regex((await get(`${url}/metrics`)).body, /^sluice_revision 8$/m)
  t.is(controller.statusReads - before, 2)
})

test('metrics are taken when they are asked for', async (t) => {
  const { controller, url } = await serve(t)
  controller.change({
    errors: [{ code: 'x', file: 'a', line: 1, column: 1, message: 'm' }],
    hosts: [
      hostStatus('vm1', { repaired: 2 }),
      hostStatus('vm2', { connected: false, revision: 11, flows: 0 }),
    ],
  })
  const expected = `sluice_revision 12
sluice_policy_errors 1
sluice_hosts_connected 1
sluice_host_connected{host="vm1"} 1
sluice_host_connected{host="vm2"} 0
sluice_host_revision{host="vm2"} 11
sluice_host_flows_desired{host="vm2"} 3
sluice_host_flows_installed{host="vm2"} 0
sluice_flow_mods_total{host="vm1"} 7
sluice_repaired_total{host="vm1"} 2
sluice_objects{kind="workload"} 1
sluice_packet_ins_total 4
sluice_links{type="tunnel",state="up"} 5
sluice_links{type="tunnel",state="down"} 1
sluice_links{type="uplink",state="unknown"} 0
sluice_host_links_down{host="gw2"} 1
sluice_link_failures_total 2
sluice_link_probes_total 100
sluice_lldp_neighbours 3
sluice_lldp_malformed_total 1
sluice_lldp_refused_total 0
sluice_verdicts_received_total 7
sluice_verdicts_malformed_total 1
sluice_verdicts_stale_total 2
sluice_verdicts_answered_total 3
sluice_router_answers_total{kind="hopsExceeded"} 4
sluice_router_answers_total{kind="noHost"} 2
sluice_router_suppressed_total 5
sluice_connections_handed_on_total 3
sluice_connections_displaced_total 2
sluice_connections_known 12
sluice_router_malformed_total 1
sluice_dhcp_requests_total{type="discover"} 2
sluice_dhcp_requests_total{type="request"} 3
sluice_dhcp_answers_total{type="ack"} 4
sluice_dhcp_ignored_total{reason="malformed"} 1
sluice_dhcp_foreign_servers_total{workload="usr1/a"} 5
sluice_services_total{service="names",outcome="answered"} 8
sluice_services_total{service="names",outcome="malformed"} 1
sluice_foreign_routers_total{workload="usr1/b"} 6
sluice_policy_packets_total{policy="usr1/web",direction="ingress",rule="0",verdict="allowed"} 12
sluice_policy_packets_total{policy="usr1/web",direction="ingress",rule="0",verdict="denied"} 0
sluice_policy_bytes_total{policy="usr1/web",direction="ingress",rule="0",verdict="replies"} 900
sluice_gateway_hosts{gateway="out",host="gw1",state="active"} 1
sluice_gateway_hosts{gateway="out",host="gw2",state="standby"} 1
sluice_gateway_takeovers_total{gateway="out"} 2
sluice_gateway_held{gateway="out"} 1
sluice_gateway_uplink_watched{gateway="out"} 0
sluice_gateway_packets_total{gateway="campus",result="sent"} 7
sluice_gateway_bytes_total{gateway="campus",result="received"} 600
sluice_gateway_packets_total{gateway="campus",result="refused"} 1
sluice_bandwidth_packets_total{bandwidth="usr1/out",result="passed"} 9
sluice_bandwidth_bytes_total{bandwidth="usr1/out",result="dropped"} 200
sluice_route_packets_total{route="usr1/branch"} 7
sluice_route_bytes_total{route="usr1/branch"} 700
sluice_mirror_packets_total{mirror="usr1/watch"} 3
sluice_mirror_bytes_total{mirror="usr1/watch"} 300
sluice_service_packets_total{service="usr1/web"} 8
sluice_service_bytes_total{service="usr1/web"} 800
sluice_service_connections_total{service="usr1/web",backend="usr1/b"} 5
sluice_service_backends{service="usr1/web"} 1
sluice_transactions_total 5
sluice_compile_seconds_total 0.25`
  for (let scrape = 0; scrape < 2; scrape++) {
    const { status, headers, body } = await get(`${url}/metrics`)
    t.is(status, 200)
    t.true(String(headers['content-type']).startsWith('text/plain; version=0.0.4'))
    const lines = new Set(body.split('\n'))
    t.deepEqual(
      expected.split('\n').filter((line) => !lines.has(line)),
      [],
    )
    t.true(body.includes('process_cpu_seconds_total'))
  }
  controller.change({ hosts: [hostStatus('vm3')] })
  const { body } = await get(`${url}/metrics`)
  t.true(body.includes('sluice_host_connected{host="vm3"} 1'))
  t.false(body.includes('host="vm1"'))
})

test('on loopback a request must be addressed to loopback', async (t) => {
  const { url } = await serve(t)
  for (const path of ['/', '/metrics', '/healthz']) {
    t.is((await get(url + path, { host: 'evil.example' })).status, 403)
    t.is((await get(url + path, { host: '127.0.0.1.evil.example:80' })).status, 403)
    t.is((await get(url + path, { host: 'localhost:1' })).status, 200)
    t.is((await get(url + path, { origin: 'http://evil.example' })).status, 403)
  }
})

test('elsewhere TLS and a token are needed, for metrics too', async (t) => {
  const directory = await temporaryDirectory(t)
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes', '-out', cert, '-keyout', key]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...subject],
    {
      stdio: 'ignore',
    },
  )
  const tls = { cert: readFileSync(cert), key: readFileSync(key) }
  const { url } = await serve(t, { host: '0.0.0.0', port: 0, tls, token: 'secret' })
  const local = url.replace('0.0.0.0', '127.0.0.1')
  t.true(local.startsWith('https:'))
  t.like(await get(`${local}/metrics`), { status: 401, headers: { 'www-authenticate': 'Bearer' } })
  t.is((await get(`${local}/metrics`, { authorization: 'Bearer wrong' })).status, 401)
  t.is((await get(`${local}/metrics`, { authorization: 'Bearer secret' })).status, 200)
  t.is((await get(`${local}/healthz`)).status, 200)
})

test('an address that others can reach is refused without TLS and a token', (t) => {
  for (const http of ['0.0.0.0:80', '[::]:80', '192.0.2.1:80', 'example.org:80', '127.evil.example:80']) {
    t.throws(() => httpOptions({ http }), { code: 'http-options' }, http)
  }
  t.throws(() => httpOptions({ http: '127.0.0.1:80', tlsCert: '/x' }), { code: 'http-options' })
  t.throws(() => httpOptions({ http: '127.0.0.1:80', tokenFile: '/nonexistent' }), { code: 'http-options' })
})

test('addresses in every form', (t) => {
  t.deepEqual(httpOptions({ http: '6680' }), { host: '127.0.0.1', port: 6680 })
  t.deepEqual(httpOptions({ http: '127.0.0.2:1' }), { host: '127.0.0.2', port: 1 })
  t.deepEqual(httpOptions({ http: '[::1]:1' }), { host: '::1', port: 1 })
  t.deepEqual(httpOptions({ http: 'localhost:1' }), { host: 'localhost', port: 1 })
  for (const http of ['', 'localhost', '127.0.0.1:', '127.0.0.1:65536', '::1:80', '[127.0.0.1]:80', 'a b:1'])
    t.throws(() => httpOptions({ http }), { code: 'http-options' }, http)
})
