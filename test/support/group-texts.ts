/** Groups and meters as an operator would type them. */
export const groupTexts: readonly string[] = [
  'type=all',
  'type=all,bucket=output:1,bucket=actions=2,output:3',
  'type=indirect,bucket=actions=set_field:5->reg0,output:1',
  'type=select,bucket=weight:5,actions=output:1,bucket=weight=7,output:2',
  'type=select,bucket=actions=output:1,bucket=weight:0,actions=drop',
  'type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_port=2,actions=output:2',
  'type=fast_failover,bucket=watch_group:1000,actions=output:1',
  'type=all bucket=actions=resubmit(,5),ct(commit,zone=3,exec(set_field:1->ct_mark)),bucket=actions=LOCAL',
  'type=all,bucket=actions=mod_dl_dst:02:00:00:00:00:01,output:1',
]

/** What only OpenFlow 1.5 can say. */
export const groupTexts15: readonly string[] = [
  'type=all,bucket=bucket_id:5,actions=output:1,bucket=actions=output:2,bucket=bucket_id=0,actions=output:3',
  'type=select,selection_method=hash,bucket=actions=output:1',
  'type=select,selection_method=hash,selection_method_param=9,fields=ip_src,bucket=actions=output:1',
  'type=select,selection_method=hash,fields(tcp_dst,ip_dst=255.255.0.0,eth_type,ip_proto),bucket=actions=output:1',
  'type=select,selection_method=dp_hash,selection_method_param=1,bucket=actions=output:1',
  'type=select,selection_method=hash,fields=ipv6_dst=ffff::,bucket=actions=output:1',
]

export const meterTexts: readonly string[] = [
  'kbps band=type=drop rate=100',
  'pktps bands=type=drop,rate=1000',
  'kbps,burst,stats,bands=type=drop,rate=100,burst_size=50',
  'pktps burst bands=type=drop rate=5 burst_size=0x10',
]
