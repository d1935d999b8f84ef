-- Those of some blobs that no message names. Keys: meta. Arguments: blobs (1,000 at most). Reply: unnamed.
-- Cost: 1 command a blob.
return function(args)
  local unnamed = {}
  for i = 1, min(#(args.blobs or {}), 1000) do
    local blob = args.blobs[i]
    if call('EXISTS', P .. 'blob:' .. blob) == 0 then unnamed[#unnamed + 1] = blob end
  end
  return {unnamed = D.some(unnamed)}
end
