-- An agent's shift begins or ends: ended, he finishes what he has and gets nothing new.
-- Keys: meta. Arguments: agent, on. Reply: empty. Refused: not_found. Cost: as a change of presence.
return function(args)
  D.need(args, 'agent')
  local a = D.agent(args.agent)
  local off = not args.on and '1' or nil
  if a.off ~= off then
    D.set_agent(a, 'off', off)
    if off then D.take_back_offers(a, 'shift') end
    D.presence_changed(a)
  end
end
