-- What holds for the whole desk. Everyone is looked at again, a few at a time.
-- Keys: meta. Arguments: docs/store.md. Reply: empty. Refused: invalid. Cost: 2 commands, the second grows with agents.
return function(args)
  D.need(args, 'presence', 'conversations', 'urgency', 'kinds')
  for name, kind in pairs(args.kinds) do
    if type(kind.weight) ~= 'number' or type(kind.dormant_weight or 0) ~= 'number' then
      D.fail('invalid', 'kind ' .. name .. ' has no weight')
    end
    kind.dormant_weight = kind.dormant_weight or kind.weight
  end
  local text = cjson.encode(args)
  if call('GET', P .. 'settings') == text then return end
  call('SET', P .. 'settings', text)
  D.roster_changed()
  call('ZUNIONSTORE', P .. 'sweep', 2, P .. 'sweep', P .. 'agents')
end, {any_config = true}
