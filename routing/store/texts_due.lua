-- Texts that are owed and were not said in time; whoever is given one has 30 seconds to say it, or says that it is out
-- of place by now. Keys: meta. Arguments: limit (50), drop [{conversation, key}]. Reply: due [{key, conversation}].
-- Cost: 1 command, 3 a text.
local to_say = 30000

-- As it is given to who asks; nil when its conversation is no more.
local function shown(id, key)
  local c = D.find(id)
  return c and '{"key":' .. cjson.encode(key) .. ',"conversation":' .. D.conversation_json(c) .. '}'
end

return function(args)
  for _, text in ipairs(args.drop or {}) do D.said(text.conversation, text.key) end
  local due = {}
  local owed = call('ZRANGE', P .. 'texts', '-inf', D.text(D.now), 'BYSCORE', 'LIMIT', '0', D.text(args.limit or 50))
  for _, text in ipairs(owed) do
    local id, key = text:match('^(%S+) (.*)$')
    -- What cannot be read must not stop the others. It is looked at again, for an audit may have mended it.
    local read, json = pcall(shown, id, key)
    if read and not json then
      call('ZREM', P .. 'texts', text)
    else
      call('ZADD', P .. 'texts', D.text(D.now + to_say), text)
      if read then due[#due + 1] = json else call('SADD', P .. 'suspect', id or text) end
    end
  end
  return '{' .. D.json_list('due', due) .. '}'
end
