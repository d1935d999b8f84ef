-- Agents of the roster, by name, without those that cannot be read. Keys: meta. Arguments: after, limit (absent: all).
-- Reply: agents, next.
-- Cost: 4 commands an agent.
return function(args)
  local from = args.after and '(' .. args.after or '-'
  local names = call('ZRANGE', P .. 'agents', from, '+', 'BYLEX', 'LIMIT', '0', D.text(args.limit or -1))
  local list = {}
  for _, name in ipairs(names) do
    local a = D.find_readable_agent(name)
    list[#list + 1] = a and D.agent_view(a)
  end
  return {agents = D.some(list), next = #names == args.limit and names[#names] or nil}
end
