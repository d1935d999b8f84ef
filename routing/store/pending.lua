-- It waits for the customer: his next message, or the time, wakes it; weighs as dormant meanwhile.
-- Keys: meta. Arguments: conversation, agent, actor, until, seen. Reply: conversation. Refused: not_found, conflict,
-- invalid.
-- Cost: about 15 commands.
return function(args)
  D.need(args, 'conversation', 'agent')
  D.set_actor(args.actor)
  local c = D.conversation(args.conversation)
  D.owned_by(c, args.agent)
  D.has_seen(c, args.seen)
  local at = args['until'] or D.now + D.settings().conversations.pending_for
  if at <= D.now then D.fail('invalid', 'pending ends in the future') end
  local a = D.agent(args.agent)
  if c.st == 'snoozed' then D.carry(a, c.k, 0, 1) end
  D.charge(c, D.dormant_weight(a, c.k))
  D.sleep(c, true)
  D.set(c, 'us', nil)
  D.set(c, 'du', nil)
  D.end_turn(c)
  D.set_state(c, 'pending')
  D.next_step(c, 'customer', at)
  D.emit('conversation.pending', c)
  return {conversation = c.id}
end
