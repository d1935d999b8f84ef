-- Agents of the roster, by name. Keys: meta. Arguments: after, limit (absent: all). Reply: agents, next.
-- Cost: 4 commands an agent.
return function(args)
  local from = args.after and '(' .. args.after or '-'
  local names = call('ZRANGE', P .. 'agents', from, '+', 'BYLEX', 'LIMIT', '0', D.text(args.limit or -1))
  local list = {}
  for i, name in ipairs(names) do list[i] = D.agent_view(D.agent(name)) end
  return {agents = D.some(list), next = #names == args.limit and names[#names] or nil}
end
