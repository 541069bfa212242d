import type { Table } from '../src/pipeline/table.js'
import classify from './00-classify.js'
import tunnelIn from './02-tunnel-in.js'
import wireIn from './03-wire-in.js'
import outside from './04-outside.js'
import outsideTracked from './06-outside-tracked.js'
import outsideTransit from './07-outside-transit.js'
import outsideTenant from './08-outside-tenant.js'
import sharedLimitIn from './09-shared-limit-in.js'
import spoofGuard from './10-spoof-guard.js'
import forwardGuard from './11-forward-guard.js'
import limitOut from './12-limit-out.js'
import serviceGuard from './15-service-guard.js'
import service from './16-service.js'
import serviceBackend from './17-service-backend.js'
import serviceTranslated from './18-service-translated.js'
import arp from './20-arp.js'
import nd from './25-nd.js'
import ndReply from './27-nd-reply.js'
import dhcp from './28-dhcp.js'
import egress from './30-egress.js'
import egressTracked from './31-egress-tracked.js'
import egressPeer from './32-egress-peer.js'
import egressGroup from './33-egress-group.js'
import egressTenantGroup from './34-egress-tenant-group.js'
import egressAdmin from './35-egress-admin.js'
import egressRules from './36-egress-rules.js'
import egressBaseline from './37-egress-baseline.js'
import egressVerdict from './38-egress-verdict.js'
import egressCommit from './39-egress-commit.js'
import router from './40-router.js'
import staticRoute from './43-static-route.js'
import route from './45-route.js'
import neighbour from './50-neighbour.js'
import switching from './60-switch.js'
import flood from './65-flood.js'
import output from './70-output.js'
import wireOut from './72-wire-out.js'
import mirror from './74-mirror.js'
import tunnelOut from './75-tunnel-out.js'
import answer from './77-answer.js'
import exit from './80-exit.js'
import sharedLimitOut from './81-shared-limit-out.js'
import tenantNat from './82-tenant-nat.js'
import tenantMapping from './83-tenant-mapping.js'
import gatewayNat from './84-gateway-nat.js'
import gatewayMapping from './85-gateway-mapping.js'
import uplink from './86-uplink.js'
import uplinkOut from './88-uplink-out.js'
import ingress from './89-ingress.js'
import ingressTracked from './90-ingress-tracked.js'
import ingressPeer from './91-ingress-peer.js'
import ingressGroup from './92-ingress-group.js'
import ingressTenantGroup from './93-ingress-tenant-group.js'
import ingressAdmin from './94-ingress-admin.js'
import ingressRules from './95-ingress-rules.js'
import ingressBaseline from './96-ingress-baseline.js'
import ingressVerdict from './97-ingress-verdict.js'
import ingressCommit from './98-ingress-commit.js'
import deliver from './99-deliver.js'

/** The tables of a bridge in packet order. A table is part of the pipeline by standing here, and nowhere else. */
export const pipeline: readonly Table[] = [
  classify,
  tunnelIn,
  wireIn,
  outside,
  outsideTracked,
  outsideTransit,
  outsideTenant,
  sharedLimitIn,
  spoofGuard,
  forwardGuard,
  limitOut,
  serviceGuard,
  service,
  serviceBackend,
  serviceTranslated,
  arp,
  nd,
  ndReply,
  dhcp,
  egress,
  egressTracked,
  egressPeer,
  egressGroup,
  egressTenantGroup,
  egressAdmin,
  egressRules,
  egressBaseline,
  egressVerdict,
  egressCommit,
  router,
  staticRoute,
  route,
  neighbour,
  switching,
  flood,
  output,
  wireOut,
  mirror,
  tunnelOut,
  answer,
  exit,
  sharedLimitOut,
  tenantNat,
  tenantMapping,
  gatewayNat,
  gatewayMapping,
  uplink,
  uplinkOut,
  ingress,
  ingressTracked,
  ingressPeer,
  ingressGroup,
  ingressTenantGroup,
  ingressAdmin,
  ingressRules,
  ingressBaseline,
  ingressVerdict,
  ingressCommit,
  deliver,
]
