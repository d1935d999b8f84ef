-- An agent. Keys: meta. Arguments: agent. Reply: agent. Refused: not_found. Cost: 4 commands.
return function(args)
  return {agent = D.agent_view(D.agent(args.agent))}
end
