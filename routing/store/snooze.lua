-- Put aside until a time, or until the customer writes; weighs nothing meanwhile.
-- Keys: meta. Arguments: conversation, agent, actor, until, seen. Reply: conversation. Refused: not_found, conflict,
-- invalid.
-- Cost: about 15 commands.
return function(args)
  D.need(args, 'conversation', 'agent', 'until')
  D.set_actor(args.actor)
  local c = D.conversation(args.conversation)
  D.owned_by(c, args.agent)
  D.has_seen(c, args.seen)
  if args['until'] <= D.now then D.fail('invalid', 'a snooze ends in the future') end
  D.sleep(c, false)
  D.charge(c, 0)
  if c.st ~= 'snoozed' then D.carry(D.agent(args.agent), c.k, 0, -1) end
  D.end_turn(c)
  D.set_state(c, 'snoozed')
  D.next_step(c, 'timer', args['until'])
  D.emit('conversation.snoozed', c)
  D.look_again(args.agent)
  return {conversation = c.id}
end
