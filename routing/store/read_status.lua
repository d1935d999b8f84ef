-- What the holder of a status token may know.
-- Keys: meta. Arguments: token, lifetime, bytes. Reply: conversation, agent_name, position, messages (the last ones,
-- oldest first, of about `bytes` as in read_messages; 0: none), more (there are earlier ones); `ended` alone when it
-- was closed longer ago than `lifetime`. Refused: not_found. Cost: as read_messages.

-- Compares without telling by its time how much agrees.
local function same(one, other)
  if #one ~= #other then return false end
  local different = 0
  for i = 1, #one do
    if one:byte(i) ~= other:byte(i) then different = different + 1 end
  end
  return different == 0
end

local function no_note(element)
  local _, direction = D.glance(element)
  return direction ~= 'note'
end

return function(args)
  local id, secret = (args.token or ''):match('^([^.]+)%.(.+)$')
  local c = id and D.find(id)
  if not c or not D.fixed(c).tk or not same(c.tk, secret) then D.fail('not_found', 'no such link') end
  if args.lifetime and c.st == 'closed' and (c.ca or c.at) + args.lifetime < D.now then
    return {ended = true}
  end
  local list, more = {}, false
  if args.bytes ~= 0 then
    list, more = D.page(c, c.n or 0, -1, {count = 1000, bytes = args.bytes}, no_note)
  end
  local owner, position = c.ow and D.find_agent(c.ow), D.position(c)
  return D.with_page(D.json_object(D.json_member('conversation', D.conversation_json(c)),
    D.json_member('agent_name', owner and cjson.encode(owner.nm)), position and '"position":' .. position or ''),
    list, more)
end
