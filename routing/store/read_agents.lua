-- All agents of the roster, by name. Keys: meta. Arguments: none. Reply: agents. Cost: 4 commands an agent.
return function()
  local list = {}
  for i, name in ipairs(call('ZRANGE', P .. 'agents', 0, -1)) do list[i] = D.agent_view(D.agent(name)) end
  return {agents = D.some(list)}
end
