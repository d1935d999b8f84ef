-- The conversations that name a blob. Keys: meta. Arguments: blob. Reply: conversations. Cost: 1 command.
return function(args)
  D.need(args, 'blob')
  local ids = call('SMEMBERS', P .. 'blob:' .. args.blob)
  table.sort(ids)
  return {conversations = D.some(ids)}
end
