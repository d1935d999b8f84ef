-- How many agents are in each state. Keys: meta. Arguments: none. Reply: agents {state: number}. Cost: 4 commands.
return function()
  local counts = {}
  for _, state in ipairs({'available', 'busy', 'break', 'away'}) do
    counts[state] = call('ZCARD', P .. 'state:' .. state)
  end
  return {agents = counts}
end
