//! What to do about each condition: what to look at first, what to try, whom to call. For an operator
//! who has a minute, in the order in which it helps. A command centre's own rules replace them.

use super::Matter;
use crate::domain::{alert::Procedure, camera::Condition, screen::Fault as ScreenFault};

pub(super) fn of(matter: &Matter) -> Procedure {
    let (vi, en) = match matter {
        Matter::SiteDown => SITE_DOWN,
        Matter::Screen(fault) => screen_texts(*fault),
        Matter::Kind(_) => OUTSIDE,
        Matter::Condition(condition) => texts(*condition),
    };
    Procedure { vi: vi.to_owned(), en: en.to_owned() }
}

type Texts = (&'static str, &'static str);

const SITE_DOWN: Texts = (
    "1. Xem bản đồ: còn camera nào của điểm này lên hình, các điểm lân cận có mất theo không.\n2. Gọi người trực tại điểm hỏi về nguồn điện; mất điện thì gọi điện lực hỏi giờ có lại.\n3. Có điện mà vẫn mất: gọi đơn vị đường truyền, báo tên điểm và giờ bắt đầu mất.\n4. Báo trực ban. Nếu đang có nhiệm vụ tại khu vực, đề nghị cử người đến quan sát thay camera.",
    "1. Look at the map: does any camera of this site still show a picture, are neighbouring sites lost too?\n2. Call the people at the site about power; if it is out, ask the power company when it will be back.\n3. Power is on and the site is still lost: call the network provider with the site's name and the time it began.\n4. Tell the duty officer. If there is an operation in the area, ask for somebody to watch in place of the cameras.",
);

const OUTSIDE: Texts = (
    "1. Xem hình của các camera được nêu và đọc nội dung hệ thống ngoài gửi đến.\n2. Thấy đúng: báo lực lượng tại địa bàn, gọi trực ban.\n3. Không thấy gì: ghi nhận xét rồi kết thúc là \"báo sai\" hoặc \"nghi vấn\".",
    "1. Look at the cameras that are named, and read what the outside system says.\n2. It is real: call the force on the ground, then the duty officer.\n3. There is nothing to see: write what you saw and resolve it as false or suspicious.",
);

fn screen_texts(fault: ScreenFault) -> Texts {
    match fault {
        ScreenFault::Gone => (
            "1. Nhìn màn hình: hình còn đó là hình cũ, không dùng để ra quyết định. Chuyển camera quan trọng sang màn hình khác.\n2. Màn hình tối: kiểm tra nguồn, cáp hình và máy tính của màn hình.\n3. Hình đứng: tải lại trang (F5); không được thì khởi động lại trình duyệt, rồi máy tính của màn hình.\n4. Trang không tải được: kiểm tra dây mạng của máy, gọi quản trị hệ thống.",
            "1. Look at the screen: a picture that is still there is old, decide nothing by it. Move important cameras to another screen.\n2. It is dark: check power, video cable and the screen's computer.\n3. The picture stands still: reload the page (F5); if that does not help restart the browser, then the computer.\n4. The page does not load: check the computer's network cable, call the system administrator.",
        ),
        ScreenFault::Frozen => (
            "1. Hình trên màn hình này là hình cũ, không dùng để ra quyết định. Chuyển camera quan trọng sang màn hình khác.\n2. Xem cửa sổ trình duyệt có bị thu nhỏ hoặc che không; đưa trang tường ra trước, toàn màn hình.\n3. Tải lại trang (F5). Vẫn đứng: khởi động lại trình duyệt.\n4. Lặp lại trong ca: gọi quản trị hệ thống.",
            "1. What this screen shows is old, decide nothing by it. Move important cameras to another screen.\n2. Is the browser's window minimised or covered? Bring the wall page to the front, full screen.\n3. Reload the page (F5). It still stands: restart the browser.\n4. It happens again within the shift: call the system administrator.",
        ),
        ScreenFault::Blank => (
            "1. Chuyển camera quan trọng sang màn hình khác.\n2. Tải lại trang (F5). Vẫn trống: khởi động lại trình duyệt, card đồ họa có thể đã lỗi.\n3. Trang báo lỗi hoặc yêu cầu đăng nhập: làm theo nội dung trên trang, gọi quản trị hệ thống nếu cần.",
            "1. Move important cameras to another screen.\n2. Reload the page (F5). It stays blank: restart the browser, the graphics card may have failed.\n3. The page shows an error or asks for a sign-in: do as it says, call the system administrator if needed.",
        ),
        ScreenFault::Behind => (
            "1. Xem tuổi hình ghi trên từng ô: hình chậm nhiều giây, không dùng để điều khiển từ xa.\n2. Máy tính của màn hình quá tải: đóng cửa sổ khác, tắt chế độ hình động của tường (phím m), giảm số ô.\n3. Vẫn chậm: kiểm tra đường mạng tới màn hình, gọi quản trị hệ thống.",
            "1. Each tile tells its age: pictures are many seconds late, direct nobody by them.\n2. The screen's computer is overloaded: close other windows, switch the wall's motion off (key m), show fewer cells.\n3. Still behind: check the network to the screen, call the system administrator.",
        ),
    }
}

fn texts(condition: Condition) -> Texts {
    use Condition as C;
    match condition {
        C::Unreachable => (
            "1. Xem các camera cùng điểm: cùng mất là do điện hoặc đường truyền, mất một cái là do chính nó.\n2. Gọi người tại điểm xem đèn nguồn của camera và bộ chuyển mạch; nhờ tắt bật lại nếu được.\n3. Sau 15 phút chưa lên: gọi đơn vị bảo trì camera, báo số hiệu camera.",
            "1. Look at the other cameras of the site: all lost means power or network, one lost means the camera itself.\n2. Ask somebody at the site to look at the lights of camera and switch, and to switch the camera off and on if they can.\n3. Still lost after 15 minutes: call the camera maintenance with the camera's number.",
        ),
        C::Refused => (
            "1. Camera còn trên mạng nhưng từ chối kết nối: chờ 5 phút, có thể nó đang khởi động lại.\n2. Chưa lên: nhờ người tại điểm tắt bật nguồn camera.\n3. Vẫn từ chối: gọi quản trị hệ thống hỏi có ai vừa đổi cấu hình hay tường lửa, rồi gọi bảo trì.",
            "1. The camera is on the network but refuses: wait 5 minutes, it may be restarting.\n2. Not back: ask somebody at the site to switch it off and on.\n3. It still refuses: ask the system administrator whether settings or a firewall were changed, then call the maintenance.",
        ),
        C::CredentialsRejected => (
            "1. Không thử mật khẩu nhiều lần: camera sẽ tự khóa.\n2. Gọi quản trị hệ thống hỏi có ai vừa đổi mật khẩu camera này không.\n3. Không ai đổi: coi là nghi vấn có người can thiệp, báo trực ban và giữ nguyên hiện trạng.",
            "1. Do not try passwords again and again: the camera locks itself.\n2. Ask the system administrator whether somebody changed this camera's password.\n3. Nobody did: somebody may have tampered with it. Tell the duty officer and leave everything as it is.",
        ),
        C::SessionLimit => (
            "1. Camera đã hết số phiên xem: hỏi các đơn vị khác có đang xem trực tiếp camera này không.\n2. Nhờ đóng bớt phiên không cần; hình sẽ tự trở lại.\n3. Hay lặp lại: báo quản trị hệ thống để mọi nơi xem qua một đầu mối.",
            "1. The camera has no session left: ask other units whether they are watching it directly.\n2. Have them close what they do not need; the picture returns by itself.\n3. If it keeps happening, tell the system administrator, so that everybody watches through one point.",
        ),
        C::Unsupported => (
            "1. Camera gửi kiểu hình mà hệ thống không nhận: hỏi quản trị hệ thống có ai vừa đổi cấu hình hoặc thay camera.\n2. Đặt lại luồng phụ về H.264 theo quy định; không cần ra hiện trường.",
            "1. The camera sends a kind of picture that is not taken: ask the system administrator whether settings were changed or the camera was replaced.\n2. Set its small stream back to H.264 as ordered; nobody needs to go there.",
        ),
        C::Abusive => (
            "1. Camera gửi dữ liệu vượt giới hạn mà camera bình thường không vượt: đọc bằng chứng.\n2. Báo quản trị hệ thống ngay: có thể camera hỏng, cũng có thể thiết bị khác đang giả làm nó.\n3. Không mở khóa camera trước khi quản trị hệ thống cho phép.",
            "1. The camera broke a limit that no honest camera breaks: read the evidence.\n2. Tell the system administrator at once: it may be broken, or another device may pretend to be it.\n3. Do not let it in again before the administrator says so.",
        ),
        C::Redirect => (
            "1. Camera chuyển hướng sang địa chỉ khác; hệ thống không đi theo.\n2. Gửi bằng chứng cho quản trị hệ thống: kiểm tra cấu hình đầu ghi và xem địa chỉ đó là của ai.",
            "1. The camera points to another address, which is not followed.\n2. Give the evidence to the system administrator: check the recorder's settings and whose address that is.",
        ),
        C::Protocol => (
            "1. Nhờ người tại điểm tắt bật lại camera một lần.\n2. Vẫn lỗi: gửi bằng chứng cho quản trị hệ thống; thường do bản cập nhật phần mềm của camera hoặc thiết bị trung gian.",
            "1. Ask somebody at the site to switch the camera off and on once.\n2. Still wrong: give the evidence to the system administrator; it is usually an update of the camera or a device in between.",
        ),
        C::Stalled => (
            "1. Phiên còn mở nhưng hình không đến: xem các camera cùng điểm có giật, dừng không.\n2. Cùng bị: gọi đơn vị đường truyền. Một mình: chờ 2 phút để hệ thống tự nối lại.\n3. Chưa lên: nhờ người tại điểm tắt bật lại camera, rồi gọi bảo trì.",
            "1. The session is open but no picture comes: do other cameras of the site stop too?\n2. They do: call the network provider. Only this one: wait 2 minutes, the service connects again by itself.\n3. Not back: have it switched off and on, then call the maintenance.",
        ),
        C::KeyframeOverdue => (
            "1. Dữ liệu vẫn đến nhưng không dựng được hình mới: so với đồng hồ trên hình.\n2. Nhờ người tại điểm tắt bật lại camera.\n3. Hay lặp lại: báo quản trị hệ thống kiểm tra khoảng cách khung chính (nên 2 giây).",
            "1. Data arrives but no new picture can be made of it: compare with the clock in the picture.\n2. Have the camera switched off and on.\n3. If it keeps happening, let the system administrator check its keyframe interval (2 seconds is right).",
        ),
        C::DecodeErrors => (
            "1. Xem hình có vỡ ô, sọc hay không; xem cảnh báo mất gói của cùng điểm.\n2. Có mất gói: gọi đơn vị đường truyền.\n3. Không mất gói: nhờ tắt bật lại camera, vẫn lỗi thì gọi bảo trì.",
            "1. Is the picture broken into blocks or stripes? Is there packet loss at the site?\n2. There is: call the network provider.\n3. There is not: have the camera switched off and on; if it stays, call the maintenance.",
        ),
        C::Quarantined => (
            "1. Camera nhiều lần làm hỏng bộ xử lý nên đang bị tách ra; các camera khác không bị ảnh hưởng.\n2. Báo quản trị hệ thống, gửi bằng chứng. Hết thời gian giữ, hệ thống tự thử lại.\n3. Cần quan sát ngay: dùng camera gần nhất hoặc cử người.",
            "1. The camera broke its worker several times and is kept out; no other camera suffers.\n2. Tell the system administrator and give the evidence. It is tried again by itself when its hold ends.\n3. If the place must be watched now, use the nearest camera or send somebody.",
        ),
        C::Unstable => (
            "1. Camera mất rồi lại lên nhiều lần: xem giờ lặp lại có đều không, thời tiết có mưa giông không.\n2. Nhờ người tại điểm kiểm tra đầu cắm, nguồn và mối nối.\n3. Camera không dây: báo đơn vị đường truyền đo sóng. Hẹn bảo trì trong ca.",
            "1. The camera comes and goes: is there a rhythm in it, is there a storm?\n2. Ask somebody at the site to check plugs, power and joints.\n3. A wireless camera: let the network provider measure the signal. Order maintenance within the shift.",
        ),
        C::PacketLoss => (
            "1. Xem các camera cùng điểm: cùng mất gói là do đường truyền, gọi đơn vị đường truyền.\n2. Chỉ một camera: nhờ kiểm tra dây mạng và cổng chuyển mạch của nó.\n3. Đang mưa lớn với đường không dây: theo dõi, hết mưa mà còn thì gọi.",
            "1. Look at the other cameras of the site: if they lose packets too it is the link; call the network provider.\n2. Only this one: have its cable and switch port checked.\n3. Heavy rain on a wireless link: watch it, and call if it stays after the rain.",
        ),
        C::Frozen => (
            "1. So hình với đồng hồ trên hình và với camera gần đó: cảnh có thật sự đứng yên không.\n2. Hình đứng: nhờ tắt bật lại camera, gọi bảo trì nếu lặp lại.\n3. Đang có nhiệm vụ hoặc có dấu hiệu can thiệp: báo trực ban và cử người đến xem.",
            "1. Compare with the clock in the picture and with a nearby camera: is the place really that still?\n2. The picture stands: have the camera switched off and on; call the maintenance if it happens again.\n3. There is an operation, or a sign of tampering: tell the duty officer and send somebody.",
        ),
        C::Looped => (
            "1. Coi hình này là không tin được. Không tắt, không khởi động lại camera.\n2. Đối chiếu ba ảnh kèm theo với camera gần nhất và đồng hồ thật.\n3. Báo trực ban ngay, cử người đến điểm; giữ nguyên thiết bị làm chứng cứ.",
            "1. Do not trust this picture. Do not switch the camera off or restart it.\n2. Compare the three pictures with the nearest camera and a real clock.\n3. Tell the duty officer at once and send somebody; leave the devices as evidence.",
        ),
        C::Black => (
            "1. Xem các camera lân cận: cả khu tối là mất điện chiếu sáng, gọi đơn vị chiếu sáng hoặc điện lực.\n2. Chỉ camera này tối: có thể bị che hoặc hỏng hồng ngoại; cử người gần nhất đến xem.\n3. Hỏng: gọi bảo trì, ghi lại giờ bắt đầu.",
            "1. Look at the neighbouring cameras: if all is dark the street lights are out; call the lighting service or the power company.\n2. Only this one: it may be covered, or its infrared lamp is broken; send whoever is nearest.\n3. Broken: call the maintenance and note when it began.",
        ),
        C::Overexposed => (
            "1. Xem có đèn pha, nắng chiếu thẳng hay ánh hàn vào ống kính không; thường tự hết.\n2. Lặp lại hằng ngày cùng giờ: báo bảo trì chỉnh góc hoặc lắp tấm che.\n3. Có người cố ý chiếu đèn: báo lực lượng tại địa bàn.",
            "1. Does a headlight, the low sun or welding shine into the lens? It usually passes.\n2. Every day at the same time: have the maintenance turn it or fit a shade.\n3. Somebody shines a light on purpose: call the force on the ground.",
        ),
        C::Defocused => (
            "1. So với ảnh mẫu: sương mù, mưa hay nước trên kính thì chờ thời tiết.\n2. Trời quang mà vẫn mờ: kính bẩn, mạng nhện hoặc lệch nét; hẹn bảo trì lau chùi, chỉnh nét trong ca.",
            "1. Compare with the reference: in fog, rain or with drops on the glass wait for the weather.\n2. Clear weather and still soft: dirt, a spider's web or a lost focus; order cleaning and focusing within the shift.",
        ),
        C::Covered => (
            "1. Xem ba ảnh kèm theo: vật gì che, từ khi nào, trước đó có người lại gần không.\n2. Xe hay hàng hóa dừng che: nhờ lực lượng tại địa bàn nhắc di dời.\n3. Bị phủ, sơn hoặc không rõ: cử người đến ngay, báo trực ban, giữ lại hình trước khi bị che.",
            "1. Look at the three pictures: what covers it, since when, did somebody come close before?\n2. A lorry or goods: ask the force on the ground to have them moved.\n3. Wrapped, painted or unclear: send somebody at once, tell the duty officer, keep the pictures from before.",
        ),
        C::Moved => (
            "1. So với ảnh mẫu: camera lệch hướng bao nhiêu, còn thấy chỗ cần quan sát không.\n2. Hỏi bảo trì có đang làm việc tại điểm; có thì đặt chế độ bảo trì.\n3. Không ai làm: có thể bị va hoặc bẻ hướng; cử người đến xem. Khi hướng mới là đúng, xác nhận lại ảnh mẫu.",
            "1. Compare with the reference: how far has it turned, can the place still be seen?\n2. Ask whether the maintenance is at work there; if so, put it in maintenance.\n3. Nobody is: it was hit or turned; send somebody. If the new view is right, confirm it as the reference.",
        ),
        C::ClockSkew => (
            "1. Báo quản trị hệ thống đặt lại máy chủ thời gian (NTP) của camera.\n2. Giờ trên hình của camera này không dùng làm chứng cứ cho đến khi đúng; dùng giờ hệ thống nhận.",
            "1. Let the system administrator set the camera's time server (NTP) right.\n2. Until then the time in its picture is no evidence; use the time at which the service received it.",
        ),
        C::LowFrameRate => (
            "1. Trời tối: camera có thể tự giảm tốc độ hình để sáng hơn; theo dõi đến sáng.\n2. Ban ngày: xem có mất gói không; có thì gọi đơn vị đường truyền.\n3. Không: báo quản trị hệ thống kiểm tra cấu hình luồng phụ.",
            "1. At night a camera may slow down to see more: watch it until morning.\n2. By day: is there packet loss? Then call the network provider.\n3. There is none: let the system administrator check the settings of its small stream.",
        ),
        C::StreamChanged => (
            "1. Hỏi quản trị hệ thống có ai đổi cấu hình hoặc thay camera.\n2. Có chủ ý: xác nhận ảnh mẫu mới. Không: đặt lại theo quy định và coi là nghi vấn.",
            "1. Ask the system administrator whether settings were changed or the camera was replaced.\n2. On purpose: confirm the new reference. Not so: set it back as ordered and treat it as suspicious.",
        ),
    }
}
