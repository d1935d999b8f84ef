-- Audit of the maps (map.lua): that each is counted to its last bucket, and that each entry is in its own.
local maps, of_map = {'ext', 'id', 'once'}, {ext = true, id = true, once = true}
local highest

D.on_start(function()
  highest = D.emptied(highest)
end)

-- A key of the store, should it be a bucket.
function D.audit_bucket(name)
  local map, number = name:match('^(%a+):(%d+)$')
  number = tonumber(number)
  if not of_map[map] or number < max(D.map_count(map), highest[map] or 0) then return end
  highest[map] = number + 1
  local detail = format('the map %s is counted to %d buckets, and there is bucket %d', map, D.map_count(map), number)
  D.audit_find('maps.lost', {}, detail, function() D.map_counts_to(map, number + 1) end)
end

-- Its last external ids lead to it, or to another conversation that has the same one.
function D.audit_external(c, of)
  local lost = {}
  for _, id in ipairs(D.long(c).refs or {}) do
    local known = D.known_external(id)
    if not known or known ~= c.id and call('EXISTS', D.conversation_key(known)) == 0 then lost[#lost + 1] = id end
  end
  if #lost == 0 then return end
  local detail = format('%d ids of its messages, that answers name, lead nowhere', #lost)
  D.audit_find('external.lost', of, detail, function()
    for _, id in ipairs(lost) do D.link_external(c, id) end
  end)
end

local function check_bucket(map, number)
  local size, strays = D.map_strays(map, number)
  if #strays > 0 then
    local detail = format('%d entries in bucket %d of the map %s belong to others', #strays, number, map)
    D.audit_find('maps.stray', {}, detail, function() D.map_put_right(map, number, strays) end)
  end
  return size
end

-- From the bucket `from` on of all there are; looks at no more than `most` of them, and entries. Returns where to go
-- on; nil: they are done.
function D.audit_maps(from, most)
  local at, entries = 0, 0
  for _, map in ipairs(maps) do
    local count = D.map_count(map)
    for number = max(0, from - at), count - 1 do
      if at + number - from >= most or entries > 20 * most then return at + number end
      entries = entries + (D.audit_safely(map .. ':' .. number, check_bucket, map, number) or 1)
    end
    at = at + count
  end
end
