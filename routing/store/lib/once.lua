-- What leads to a conversation: keys of deliveries, external ids, blobs.

function D.link_blobs(c, blobs)
  for _, blob in ipairs(blobs or {}) do call('SADD', P .. 'blob:' .. blob, c.id) end
end

function D.link_external(c, external_id)
  if external_id and external_id ~= '' then D.map_put('ext', external_id, c.id) end
end

-- The id of the conversation that has a message with this external id.
function D.known_external(external_id)
  return external_id ~= '' and D.map_get('ext', external_id) or nil
end

-- The second until which a key is remembered, in hex, comes first in its entry.
local function is_over(value)
  return tonumber(value:match('^%x+'), 16) * 1000 < D.now
end

-- Remembers that `key` stored message `seq` of c, so that it is stored once.
function D.remember(key, c, seq, digest)
  local keep = D.settings().conversations.keep_delivery_keys
  local value = format('%x %s %d %s', floor((D.now + keep) / 1000) + 1, c.id, seq, (digest or ''):sub(1, 16))
  D.map_put('once', key, value, keep + 1000, is_over)
end

-- The conversation's id and seq that `key` stored, and whether the digest differs.
function D.remembered(key, digest)
  local value = D.map_get('once', key)
  if not value or is_over(value) then return nil end
  local id, seq, old = value:match('^%x+ (%S+) (%d+) (.*)$')
  local other = digest and digest ~= '' and old ~= '' and old ~= digest:sub(1, 16)
  return id, tonumber(seq), other
end
