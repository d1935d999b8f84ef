-- The mark by which a folder of blobs and this store know each other.
-- Keys: meta. Arguments: mark (of the folder; absent: it has none yet), new (taken where there is none at all).
-- Reply: mark. Refused: conflict, when the folder's is another one or the store has lost its own. Cost: 2 commands.
return function(args)
  local known = call('HGET', KEYS[1], 'blobs') or nil
  if args.mark then
    if known ~= args.mark then D.fail('conflict', 'the folder of blobs belongs to another store', 'mark') end
    return {mark = known}
  end
  D.need(args, 'new')
  if not known then call('HSET', KEYS[1], 'blobs', args.new) end
  return {mark = known or args.new}
end
