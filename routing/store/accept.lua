-- An agent takes what he is offered; other offers of it end as taken.
-- Keys: meta. Arguments: agent, actor, offer. Reply: conversation. Refused: not_found, conflict. Cost: about 20
-- commands.
return function(args)
  D.need(args, 'agent', 'offer')
  D.set_actor(args.actor)
  local o, c = D.live_offer(args.offer, args.agent)
  D.accept(c, o)
  return {conversation = c.id}
end
