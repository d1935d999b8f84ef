-- An agent refuses an offer: it goes to the next best.
-- Keys: meta. Arguments: agent, actor, offer, reason. Reply: conversation. Refused: not_found, conflict.
-- Cost: about 35 commands.
return function(args)
  D.need(args, 'agent', 'offer')
  D.set_actor(args.actor)
  local o, c = D.live_offer(args.offer, args.agent)
  D.miss(c, o, 'declined', args.reason)
  return {conversation = c.id}
end
