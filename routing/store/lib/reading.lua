-- Helpers of the scripts that only read.

function D.json_list(name, list)
  if #list == 0 then return '' end
  return '"' .. name .. '":[' .. concat(list, ',') .. ']'
end

-- `{…}` of the members that are not empty.
function D.json_object(...)
  local parts = {}
  for _, part in ipairs({...}) do
    if part ~= '' then parts[#parts + 1] = part end
  end
  return '{' .. concat(parts, ',') .. '}'
end

function D.json_member(name, json)
  return json and '"' .. name .. '":' .. json or ''
end

-- Messages of c from seq `from` on, forward (`step` 1) or back (-1), until `visit(element, seq)` says to stop. As many
-- are fetched at once as make `room` bytes (a quarter of a megabyte), going by those before: some have a megabyte each.
function D.each_message(c, from, step, visit, room)
  local size, bytes, count = 1, 0, 0
  room = min(room or 262144, 262144)
  while from >= 1 and from <= (c.n or 0) do
    local to = max(1, min(c.n, from + step * (size - 1)))
    local list = D.messages(c, min(from, to), max(from, to))
    for i = 1, #list do
      local element = list[step > 0 and i or #list + 1 - i]
      if visit(element, from + step * (i - 1)) then return end
      bytes, count = bytes + #element, count + 1
    end
    if count == 0 then return end
    from, size = to + step, max(1, min(100, floor(room * count / bytes)))
  end
end

-- Those that `keep` (absent: all), oldest first, each as its head and its body, and whether there are further ones: at
-- most `limit.count`, and no more than `limit.bytes` (262144), but one at least.
function D.page(c, from, step, limit, keep)
  local list, bytes, more = {}, 0, false
  local most = min(limit.bytes or 262144, 2097152)
  D.each_message(c, from, step, function(element, seq)
    if keep and not keep(element) then return false end
    bytes = bytes + #element
    more = #list == limit.count or #list > 0 and bytes > most
    if not more then list[#list + 1] = {D.read_message(c, element, seq)} end
    return more
  end, most)
  if step < 0 then
    for i = 1, floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
  end
  return list, more
end

-- A reply of a page besides the members of `object`: texts that the caller joins. Here each joining would make two
-- copies more of all that was said, in strings ever longer, which cost several times what reading them does.
function D.with_page(object, list, more)
  if #list == 0 then return object end
  local pieces, before = {}, object:sub(1, -2) .. (#object > 2 and ',' or '') .. '"messages":['
  for i = 1, #list do
    pieces[#pieces + 1] = before .. cjson.encode(list[i][1]):sub(1, -2) .. ',"body":'
    pieces[#pieces + 1] = list[i][2]
    before = '},'
  end
  pieces[#pieces + 1] = more and '}],"more":true}' or '}]}'
  return {pieces = pieces}
end
